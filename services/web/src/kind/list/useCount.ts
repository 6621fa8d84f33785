// SPDX-License-Identifier: Apache-2.0
// How many records a list shows in all, where more are to be loaded: the node counts them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Aggregate, aggregateQuery } from '@/api/aggregate';
import type { List } from './useList';

/** Up to so many it costs nothing worth naming to count anew with each change. */
const LIVE_MAX = 10_000;
const FRESH_MS = 60_000;

export interface Counted {
  count: number;
  /** There are more: the node counts so far and no further. */
  isLeast: boolean;
}

/** undefined: not known yet, or it cannot be counted. */
export function useCount({ kind, question, rows, isWhole, isPending }: List): Counted | undefined {
  const client = useQueryClient();
  const asked = aggregateQuery(kind.plural, { ...question });
  const isMany = (client.getQueryData<Aggregate>(asked.queryKey)?.count ?? 0) > LIVE_MAX;
  const { data } = useQuery({
    ...asked,
    enabled: !isWhole && !isPending && !kind.in_log,
    // Of many, counting would be all that a busy node does: then once in a while.
    ...(isMany ? { meta: {}, refetchInterval: FRESH_MS } : {}),
  });
  if (isWhole) return { count: rows.length, isLeast: false };
  return data && { count: data.count, isLeast: !data.complete };
}
