// SPDX-License-Identifier: Apache-2.0
import { queryOptions } from '@tanstack/react-query';
import { request } from '@/api/client';
import type { components } from '@/api/schema';

type Aggregate = components['schemas']['Aggregate'];

/** How many records of a kind a filter fits; live. */
export const sizeQuery = (plural: string, filter: string) =>
  queryOptions({
    queryKey: ['size', plural, filter],
    queryFn: ({ signal }) => request<Aggregate>('GET', `${plural}:aggregate`, { query: { filter }, signal }),
    meta: { live: { kinds: [plural] } },
  });

/** Between 0 and 1; nothing is no part of nothing. */
export const shareOf = (part: number, all: number): number => (all > 0 ? Math.min(1, part / all) : 0);
