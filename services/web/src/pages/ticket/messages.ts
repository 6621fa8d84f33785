// SPDX-License-Identifier: Apache-2.0
// What was said about a ticket, out of the timeline of its customer.
import { aboutQuery } from '@/kind/timeline/about';
import type { Entry } from '@/kind/timeline/entries';
import type { Ticket } from './clock';

/** Oldest first; an answer stands once, as what was said. */
export const conversationOf = (entries: Entry[]): Entry[] =>
  entries.filter((entry) => entry.event !== 'ticket.opened').sort((a, b) => a.time.localeCompare(b.time));

export const conversationQuery = (ticket: Ticket) => ({
  ...aboutQuery({ kind: 'ticket', id: ticket.id, customer: ticket.customer, since: ticket.created_at }),
  select: conversationOf,
});
