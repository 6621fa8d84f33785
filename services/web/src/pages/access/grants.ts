// SPDX-License-Identifier: Apache-2.0
// What a role allows, as rows of a table.
import type { components } from '@/api/schema';

export type Grant = components['schemas']['Grant'];
export type Scope = components['schemas']['Scope'];
export const rights = ['read', 'create', 'change', 'archive', 'export'] as const;
export type Right = (typeof rights)[number];
export const scopes: Scope[] = ['none', 'own', 'team', 'subtree', 'all'];

/** Kinds by name, "*" at the end: it is for all others. */
export const inOrder = (grants: readonly Grant[]): Grant[] =>
  [...grants].sort((a, b) => Number(a.kind === '*') - Number(b.kind === '*') || a.kind.localeCompare(b.kind));

/** The grants with one cell written anew. */
export const withScope = (grants: readonly Grant[], kind: string, right: Right, scope: Scope): Grant[] =>
  grants.map((grant) => (grant.kind === kind ? { ...grant, [right]: scope } : grant));

export const without = (grants: readonly Grant[], kind: string): Grant[] =>
  grants.filter((grant) => grant.kind !== kind);

/** A kind of its own begins with what the others have. */
export function withKind(grants: readonly Grant[], kind: string): Grant[] {
  if (grants.some((grant) => grant.kind === kind)) return [...grants];
  const others = grants.find((grant) => grant.kind === '*');
  return [...grants, { ...(others ?? { read: 'all' as const }), kind }];
}
