// SPDX-License-Identifier: Apache-2.0
// Counts and sums of what a filter takes, worked out by the node.
import { queryOptions } from '@tanstack/react-query';
import { type Query, request } from './client';
import type { components } from './schema';

export type Aggregate = components['schemas']['Aggregate'];

/** Live. `question`: filter, group_by, sum and what else `:aggregate` takes. */
export const aggregateQuery = (plural: string, question: Query) =>
  queryOptions({
    queryKey: ['aggregate', plural, question],
    queryFn: ({ signal }) => request<Aggregate>('GET', `${plural}:aggregate`, { query: question, signal }),
    meta: { live: { kinds: [plural] } },
  });
