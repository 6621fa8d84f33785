// SPDX-License-Identifier: Apache-2.0
import { defineTexts } from '@/texts';

/** Loaded with the board. */
export const { texts, useTexts } = defineTexts('board', {
  en: {
    stages: 'Edit the stages',
    noValue: 'Without a value',
    nothing: 'Nothing here',
    cards_one: '{{count}} card',
    cards_other: '{{count}} cards',
    pipeline: 'Pipeline',
    by: 'Columns',
    hint: 'Space picks the card, arrows move it to another column, space puts it down.',
    picked: '{{name}} picked, in {{column}}. Arrows choose a column, space puts it down, escape leaves it.',
    over: '{{column}}, column {{at}} of {{of}}.',
    cannot: '{{name}} cannot go to {{column}}.',
    dropped: '{{name}} moved to {{column}}.',
    left: '{{name}} stays in {{column}}.',
    moved: 'Moved to {{column}}',
    undo: 'Undo',
    moveTo: 'Move to',
    actions: 'Move {{name}}',
  },
  de: {
    stages: 'Stufen bearbeiten',
    noValue: 'Ohne Wert',
    nothing: 'Nichts hier',
    cards_one: '{{count}} Karte',
    cards_other: '{{count}} Karten',
    pipeline: 'Pipeline',
    by: 'Spalten',
    hint: 'Leertaste nimmt die Karte auf, Pfeile bewegen sie in eine andere Spalte, Leertaste legt sie ab.',
    picked:
      '{{name}} aufgenommen, in {{column}}. Pfeile wählen eine Spalte, Leertaste legt ab, Escape lässt sie dort.',
    over: '{{column}}, Spalte {{at}} von {{of}}.',
    cannot: '{{name}} kann nicht nach {{column}}.',
    dropped: '{{name}} liegt jetzt in {{column}}.',
    left: '{{name}} bleibt in {{column}}.',
    moved: 'Verschoben nach {{column}}',
    undo: 'Rückgängig',
    moveTo: 'Verschieben nach',
    actions: '{{name}} verschieben',
  },
});
