// SPDX-License-Identifier: Apache-2.0
// Whose records a right of a team reaches: that of somebody in one's own team, or in one below it. As the node does.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { allQuery, type Row } from './records';

export type TeamScope = 'team' | 'subtree';
/** Whether the scope reaches what the user owns; undefined while it is not known who is in which team. */
export type Reach = (scope: TeamScope, owner: string) => boolean | undefined;

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** The team and all below it, also where teams stand in a ring. */
function below(team: string, teams: readonly Row[]): Set<string> {
  const found = new Set([team]);
  for (const one of found) for (const { id, parent } of teams) if (textOf(parent) === one) found.add(id);
  return found;
}

export function reachOf(user: string, users: readonly Row[], teams: readonly Row[]): Reach {
  const teamOf = new Map(users.map(({ id, team }) => [id, textOf(team)]));
  const own = teamOf.get(user);
  const subtree = own ? below(own, teams) : new Set<string>();
  return (scope, owner) => {
    if (owner === user) return true;
    const team = teamOf.get(owner);
    if (!own || !team) return false;
    return team === own || (scope === 'subtree' && subtree.has(team));
  };
}

const unknown: Reach = () => undefined;
const none: Row[] = [];

/** `user`: who asks; undefined when no right of theirs is of a team, so that nothing is read. */
export function useReach(user: string | undefined): Reach {
  const enabled = user !== undefined;
  const users = useQuery({ ...allQuery('users', {}, 5000), enabled });
  const teams = useQuery({ ...allQuery('teams'), enabled });
  return useMemo(
    () => (user && users.data ? reachOf(user, users.data, teams.data ?? none) : unknown),
    [user, users.data, teams.data],
  );
}
