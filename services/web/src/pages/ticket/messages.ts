// SPDX-License-Identifier: Apache-2.0
// What was said about a ticket, out of the timeline of its customer: that is short, where all
// interactions of everybody are not.
import { queryOptions } from '@tanstack/react-query';
import { request } from '@/api/client';
import type { components } from '@/api/schema';
import type { Ticket } from './clock';

export type Entry = components['schemas']['TimelineEntry'];
type Timeline = components['schemas']['Timeline'];

const isOf = (entry: Entry, ticket: string) =>
  entry.interaction?.ticket === ticket ||
  (entry as { ticket?: { id?: string } }).ticket?.id === ticket ||
  (entry.fact as { ticket?: string } | undefined)?.ticket === ticket;

/** Oldest first; an answer stands once, as what was said. */
export const conversationOf = (entries: Entry[], ticket: string): Entry[] =>
  entries
    .filter((entry) => isOf(entry, ticket) && entry.event !== 'ticket.opened')
    .sort((a, b) => a.time.localeCompare(b.time));

const PAGE = 200;
const MOST_PAGES = 10;

/** Back to when the ticket came in; nothing about it is older. */
export const conversationQuery = (ticket: Ticket) =>
  queryOptions({
    queryKey: ['conversation', ticket.id, ticket.customer],
    queryFn: async ({ signal }) => {
      const all: Entry[] = [];
      const began = Date.parse(ticket.created_at ?? '') - 60_000;
      let token: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await request<Timeline>('GET', `customers/${ticket.customer}/timeline`, {
          query: { page_size: PAGE, page_token: token },
          signal,
        });
        all.push(...answer.timeline);
        token = answer.next_page_token;
        const last = answer.timeline.at(-1);
        if (!token || !last || Date.parse(last.time) < began) break;
      }
      return conversationOf(all, ticket.id);
    },
    enabled: !!ticket.customer,
    meta: { live: { customer: ticket.customer ?? '' } },
  });
