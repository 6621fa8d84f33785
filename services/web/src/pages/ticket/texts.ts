// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

/** What the sidebar and the palette say; the rest is in pageTexts.ts and comes with the pages. */
export const { texts, useTexts } = defineTexts('ticket', {
  en: {
    desk: 'Desk',
    ticket: 'Ticket',
    conversation: 'Conversation',
    deadline: 'Deadline',
    respond: 'Answer',
    resolve: 'Resolve',
    resolveNext: 'Resolve, then the next ticket',
    wait: 'Wait for the customer',
    mine: 'Assign to me',
    next: 'Next ticket',
  },
  de: {
    desk: 'Arbeitsplatz',
    ticket: 'Ticket',
    conversation: 'Gespräch',
    deadline: 'Frist',
    respond: 'Antworten',
    resolve: 'Lösen',
    resolveNext: 'Lösen, dann das nächste Ticket',
    wait: 'Auf den Kunden warten',
    mine: 'Mir zuweisen',
    next: 'Nächstes Ticket',
  },
});
