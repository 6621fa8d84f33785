// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

export const { texts, useTexts } = defineTexts('commentsPage', {
  en: {
    write: 'Write a comment',
    hint: '@ mentions somebody',
    send: 'Send',
    empty: 'No comments yet',
    emptyHint: 'Whoever may read this record reads what you say here.',
    mention: 'Mention',
    remove: 'Remove comment',
    removed: 'Comment removed',
    edited: 'edited',
  },
  de: {
    write: 'Kommentar schreiben',
    hint: '@ erwähnt jemanden',
    send: 'Senden',
    empty: 'Noch keine Kommentare',
    emptyHint: 'Wer diesen Datensatz lesen darf, liest, was Sie hier sagen.',
    mention: 'Erwähnen',
    remove: 'Kommentar entfernen',
    removed: 'Kommentar entfernt',
    edited: 'bearbeitet',
  },
});
