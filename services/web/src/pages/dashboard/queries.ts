// SPDX-License-Identifier: Apache-2.0
import { queryOptions } from '@tanstack/react-query';
import { request } from '@/api/client';
import type { Figure, Range } from './figures';

export const figuresQuery = (by: string, range: Range | undefined) =>
  queryOptions({
    queryKey: ['figures', by, range?.from, range?.to],
    queryFn: async ({ signal }) =>
      (
        await request<{ rows: Figure[] }>('GET', 'figures', {
          query: { by, from: range?.from, to: range?.to },
          signal,
        })
      ).rows,
    enabled: !!range,
    meta: { live: { kinds: ['interactions'] } },
  });

export interface ClassSize {
  name: string;
  customers: number;
}
export const classesQuery = queryOptions({
  queryKey: ['classes'],
  queryFn: async ({ signal }) =>
    (await request<{ classes: ClassSize[] }>('GET', 'classes', { signal })).classes,
  meta: { live: { kinds: ['customers', 'interactions'] } },
});
