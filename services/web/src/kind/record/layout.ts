// SPDX-License-Identifier: Apache-2.0
// How administrators laid out the pages of a kind, as the node keeps it.
import { useQuery } from '@tanstack/react-query';
import { type Kind, useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';

export interface Plan {
  tabs?: {
    name?: string;
    title?: string;
    blocks?: { name?: string; title?: string; fields?: string[]; folded?: boolean }[];
  }[];
}
export interface LayoutRow extends Row {
  of?: string;
  plan?: Plan;
}

/** The layout of a kind. Nodes that were apart can make two: everybody takes the same one. */
export const layoutOf = (rows: readonly Row[], plural: string): LayoutRow | undefined =>
  rows.filter((row) => row.of === plural).sort((a, b) => (a.id < b.id ? -1 : 1))[0];

export const plansQuery = allQuery('page_layouts');

/** Undefined: none; null: not known yet. */
export function usePlan(kind: Kind): Plan | undefined | null {
  const enabled = !!useKinds().byPlural('page_layouts');
  const { data, isLoading } = useQuery({ ...plansQuery, enabled });
  if (isLoading) return null;
  const plan = layoutOf(data ?? [], kind.plural)?.plan;
  return plan?.tabs?.length ? plan : undefined;
}
