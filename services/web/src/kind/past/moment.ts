// SPDX-License-Identifier: Apache-2.0
// A record page as of a moment of the past: which one stands in the address (?at=), so that it can be sent.
// Everything on the page asks here whether it shows the past; nothing can be changed there.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { createContext, useContext } from 'react';
import { request } from '@/api/client';
import type { Kind } from '@/api/kinds';
import type { Row } from '@/api/records';

export interface Past {
  /** An instant. */
  at: string;
  /** The record as it is, to compare with. */
  now: Row;
}

export const PastContext = createContext<Past | undefined>(undefined);
/** undefined: the page shows the present. */
export const usePast = () => useContext(PastContext);

/** The moment that the page shows, in milliseconds: for durations and what is late. */
export const useMomentShown = (): number => {
  const past = usePast();
  return past ? Date.parse(past.at) : Date.now();
};

/** What the address says when the slider is open and stands at its end. */
export const NOW = 'now';

export function useMoment() {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const said = search.at;
  const at = said && !Number.isNaN(Date.parse(said)) ? new Date(said).toISOString() : undefined;
  const go = (next: string | undefined) => {
    const { at: _, ...rest } = search;
    void navigate({ to: '.', search: (next ? { ...rest, at: next } : rest) as never, replace: true });
  };
  return { isOpen: said !== undefined, at, go };
}

/** The record as all events up to then say it was. */
export const pastQuery = (plural: string, id: string, at: string) =>
  queryOptions({
    queryKey: ['past', plural, id, at],
    queryFn: ({ signal }) => request<Row>('GET', `${plural}/${id}`, { query: { as_of: at }, signal }),
    meta: { live: { record: id } },
  });

export function usePastRow(kind: Kind, id: string, at: string | undefined) {
  return useQuery({
    ...pastQuery(kind.plural, id, at ?? ''),
    enabled: at !== undefined,
    placeholderData: keepPreviousData,
  });
}
