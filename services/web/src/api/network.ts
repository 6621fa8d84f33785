// SPDX-License-Identifier: Apache-2.0
// Who has what of whom, as the node has heard, and what of it is not as it should be.
import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { components } from './schema';

export type Network = components['schemas']['Network'];
export type Member = Network['members'][number];

/** It changes without events, so it is asked for, while somebody looks. */
export const networkQuery = queryOptions({
  queryKey: ['network'],
  queryFn: ({ signal }) => request<Network>('GET', 'network', { signal }),
  refetchInterval: 500,
  staleTime: 0,
  structuralSharing: false,
});

export type LaneState = 'equal' | 'behind' | 'cut';

/** What `to` has of what `from` wrote. */
export interface Lane {
  from: Member;
  to: Member;
  state: LaneState;
  /** Events that `to` has not, as far as it said. */
  missing: number;
  /** Of those that `to` has; it grows as they arrive. */
  held: number;
}

export const writtenBy = (network: Network, node: number): number =>
  network.lanes.filter((lane) => lane.node === node).reduce((sum, lane) => sum + lane.head, 0);

/** How much of one's lanes, one for each life of its store, another has. */
function heldBy(network: Network, writer: number, holder: number): number {
  return network.lanes
    .filter((lane) => lane.node === writer)
    .reduce((sum, lane) => sum + (lane.held.find((one) => one.node === holder)?.seq ?? 0), 0);
}

function stateOf(from: Member, to: Member, missing: number): LaneState {
  if (!from.connected || !to.connected) return 'cut';
  return missing > 0 ? 'behind' : 'equal';
}

/** Between all pairs, both ways. */
export function lanesOf(network: Network): Lane[] {
  const { members } = network;
  return members.flatMap((from) =>
    members
      .filter((to) => to.node !== from.node)
      .map((to) => {
        const held = heldBy(network, from.node, to.node);
        const missing = Math.max(0, writtenBy(network, from.node) - held);
        return { from, to, held, missing, state: stateOf(from, to, missing) };
      }),
  );
}

// ---- what is wrong -----------------------------------------------------------------------------

export type Trouble =
  /** This node takes no commands. */
  | { type: 'closed'; why: string }
  /** No connection; what it has not is told when it is back. */
  | { type: 'silent'; name: string; ms: number | undefined; missing: number }
  /** The same events have made another state there. */
  | { type: 'differs'; name: string }
  /** This node has not all that another wrote. */
  | { type: 'lacks'; name: string; missing: number; ms: number; cause: string }
  /** Another has not all; it is in touch, so it is on its way. */
  | { type: 'behind'; name: string; from: string; missing: number };

/** The worst first. */
export function troublesOf(network: Network): Trouble[] {
  const own = network.members.find((one) => one.node === network.node);
  const others = network.members.filter((one) => one !== own);
  const lanes = lanesOf(network);
  const nameOf = (node: number) => network.members.find((one) => one.node === node)?.name ?? String(node);
  const missingAt = (to: Member) =>
    lanes.filter((lane) => lane.to === to).reduce((sum, lane) => sum + lane.missing, 0);
  return [
    ...(network.ready ? [] : [{ type: 'closed' as const, why: network.reason ?? '' }]),
    ...others.filter((one) => one.differs).map(({ name }) => ({ type: 'differs' as const, name })),
    ...others
      .filter((one) => !one.connected)
      .map((one) => ({
        type: 'silent' as const,
        name: one.name,
        ms: one.heard_ms_ago,
        missing: missingAt(one),
      })),
    ...network.lanes
      .filter((lane) => lane.behind > 0)
      .map((lane) => ({
        type: 'lacks' as const,
        name: nameOf(lane.node),
        missing: lane.behind,
        ms: lane.behind_ms,
        cause: lane.cause,
      })),
    ...lanes
      .filter((lane) => lane.state === 'behind' && lane.to !== own)
      .map(({ from, to, missing }) => ({ type: 'behind' as const, name: to.name, from: from.name, missing })),
  ];
}

/** A node that starts anew is away for seconds, and events are on their way for moments: nobody is told of that. */
const PATIENCE_MS = 10_000;

/** Whether people should know of it who do not look at the network just now. */
export function isLasting(trouble: Trouble): boolean {
  if (trouble.type === 'behind') return false;
  if (trouble.type === 'silent' || trouble.type === 'lacks')
    return trouble.ms === undefined || trouble.ms > PATIENCE_MS;
  return true;
}

/** For everybody who is signed in: slowly, since only what lasts is told. */
export const lastingTroublesQuery = queryOptions({
  queryKey: ['network', 'troubles'],
  queryFn: async ({ signal }) =>
    troublesOf(await request<Network>('GET', 'network', { signal })).filter(isLasting),
  refetchInterval: PATIENCE_MS,
  staleTime: 0,
});
