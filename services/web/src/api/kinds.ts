// SPDX-License-Identifier: Apache-2.0
// What there is: kinds with their fields, facts, commands, as the node tells it to this person.
import { queryOptions, useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { request } from './client';
import type { components } from './schema';

/** What was added by an administrator says more of itself. */
interface Added {
  custom?: boolean;
  /** The custom field or kind that it comes from. */
  definition?: string;
}
export type Field = components['schemas']['Field'] & Added & { indexing?: boolean };
export type Kind = Omit<components['schemas']['Kind'], 'fields'> &
  Added & { fields: Field[]; extensible?: boolean };
export type Fact = components['schemas']['Fact'];
export type Command = components['schemas']['Command'];
type Kinds = components['schemas']['Kinds'] & { problems?: { definition: string; why: string }[] };

export class KindBook {
  readonly kinds: Kind[];
  readonly facts: Fact[];
  readonly commands: Command[];
  /** Why definitions are not in use, or not as they were meant; by id. */
  readonly problems: ReadonlyMap<string, string>;
  private readonly plurals: Map<string, Kind>;
  private readonly names: Map<string, Kind>;
  private readonly factNames: Map<string, Fact>;

  constructor(said: Kinds) {
    this.kinds = said.kinds;
    this.facts = said.facts ?? [];
    this.commands = said.commands ?? [];
    this.problems = new Map((said.problems ?? []).map((one) => [one.definition, one.why]));
    this.plurals = new Map(this.kinds.map((kind) => [kind.plural, kind]));
    this.names = new Map(this.kinds.map((kind) => [kind.name, kind]));
    this.factNames = new Map(this.facts.map((fact) => [fact.name, fact]));
  }
  /** "deals" */
  byPlural(plural: string): Kind | undefined {
    return this.plurals.get(plural);
  }
  /** "deal", as events and search results name it */
  byName(name: string): Kind | undefined {
    return this.names.get(name);
  }
  fact(name: string): Fact | undefined {
    return this.factNames.get(name);
  }
  /** Whether this node takes the command: a deal is won at a node of sales only. */
  takes(command: string): boolean {
    return this.commands.some((row) => row.name === command);
  }
  commandsOf(plural: string): Command[] {
    return this.commands.filter((row) => row.kind === plural && !row.bare);
  }
  /** Kinds that refer to this one, with the fields by which they do. */
  referringTo(plural: string): { kind: Kind; field: Field }[] {
    return this.kinds.flatMap((kind) =>
      kind.fields.filter((field) => field.reference === plural).map((field) => ({ kind, field })),
    );
  }
}

export const kindsQuery = queryOptions({
  queryKey: ['kinds'],
  queryFn: async () => new KindBook(await request<Kinds>('GET', 'kinds')),
  staleTime: Number.POSITIVE_INFINITY,
  structuralSharing: false,
  // Who changes somebody's rights, fields or kinds changes what they see of kinds.
  meta: { live: { kinds: ['users', 'roles', 'teams', 'custom_fields', 'custom_kinds'] } },
});

/** Behind the sign-in it is always there: the shell waits for it. */
export const useKinds = (): KindBook => useSuspenseQuery(kindsQuery).data;

export const fieldOf = (kind: Kind, name: string): Field | undefined =>
  kind.fields.find((field) => field.name === name);

export type Status = components['schemas']['Status'];
/** How this node is. It changes without events, so it is asked for. */
export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: () => request<Status>('GET', 'status'),
  refetchInterval: 15_000,
});
export const useStatus = () => useQuery(statusQuery).data;

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: () => request<components['schemas']['Members']>('GET', 'members'),
  meta: { live: { kinds: ['member_changes'] } },
});
