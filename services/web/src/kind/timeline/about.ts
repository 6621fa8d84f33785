// SPDX-License-Identifier: Apache-2.0
// What a customer's timeline says of one deal or ticket. It is read there because that is short, where
// all interactions of everybody are not.
import { queryOptions } from '@tanstack/react-query';
import { request } from '@/api/client';
import type { Entry, Timeline } from './entries';

const said = (value: unknown, name: string): unknown =>
  value && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;

/** Whether an entry names the record, itself or through what it is about (a task of the deal). `kind` is "deal". */
export function isAbout(entry: Entry, kind: string, id: string): boolean {
  if (said(said(entry, kind), 'id') === id) return true;
  return Object.values(entry).some((part) => said(part, kind) === id);
}

const PAGE = 200;
const MOST_PAGES = 10;

interface Of {
  /** "deal" */
  kind: string;
  id: string;
  customer: string | undefined;
  /** When the record was made: nothing about it is older. */
  since: string | undefined;
}

/** All entries that name the record, newest first. */
export const aboutQuery = ({ kind, id, customer, since }: Of) =>
  queryOptions({
    queryKey: ['timeline', customer, kind, id],
    queryFn: async ({ signal }) => {
      const all: Entry[] = [];
      const began = Date.parse(since ?? '') - 60_000;
      let token: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await request<Timeline>('GET', `customers/${customer}/timeline`, {
          query: { page_size: PAGE, page_token: token },
          signal,
        });
        all.push(...answer.timeline.filter((entry) => isAbout(entry, kind, id)));
        token = answer.next_page_token;
        const last = answer.timeline.at(-1);
        if (!token || !last || Date.parse(last.time) < began) break;
      }
      return all;
    },
    enabled: !!customer,
    meta: { live: { customer: customer ?? '' } },
  });
