// SPDX-License-Identifier: Apache-2.0
// What of a customer's timeline somebody looks for. The node tells it page by page, newest first; as long as too little
// of what came fits, the next page is asked for.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Entry, isSought, passes, type Sieve, timelineQuery, upTo } from './entries';

/** About what a screen shows. */
const SCREEN = 30;
/** So many are looked through before somebody says that it should go on. */
const LOOK = 4000;

export interface Sought {
  shown: Entry[];
  /** How many were looked through. */
  count: number;
  isPending: boolean;
  isReading: boolean;
  error: unknown;
  /** Shows more of what fits; undefined when there is nothing older. */
  older: (() => void) | undefined;
  retry: () => void;
}

/** `at`: a moment whose page is shown; what came later is not. */
export function useTimeline(customer: string, sieve: Sieve, at: string | undefined): Sought {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(timelineQuery(customer));
  const question = JSON.stringify([sieve, at]);
  const [more, setMore] = useState({ question, shown: SCREEN, count: LOOK });
  const want = more.question === question ? more : { question, shown: SCREEN, count: LOOK };
  const all = data?.pages.flatMap((page) => page.timeline) ?? [];
  const shown = upTo(all, at).filter((entry) => passes(entry, sieve));
  const isShort = shown.length < want.shown && all.length < want.count;
  const goesOn = hasNextPage && !error && isShort && (isSought(sieve) || at !== undefined);
  useEffect(() => {
    if (goesOn && !isFetchingNextPage) void fetchNextPage();
  }, [goesOn, isFetchingNextPage, fetchNextPage]);
  const older = () => {
    setMore({ question, shown: shown.length + SCREEN, count: all.length + LOOK });
    void fetchNextPage();
  };
  return {
    shown,
    count: all.length,
    isPending,
    isReading: goesOn || isFetchingNextPage,
    error: data ? undefined : error,
    older: hasNextPage ? older : undefined,
    retry: () => void refetch(),
  };
}
