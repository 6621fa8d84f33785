// SPDX-License-Identifier: Apache-2.0
// Keys of parts that have the focus: they take them themselves, so no action stands for them. The page of keys
// tells of them beside the actions.
import { defineTexts } from '@/texts';

const { texts } = defineTexts('key-hints', {
  en: {
    cells: 'Cells of a list',
    column: 'Another column',
    edit: 'Edit the cell',
    field: 'While a field is edited',
    save: 'Save',
    saveLong: 'Save a text of several lines',
    cancel: 'As it was before',
    card: 'Card of a board',
    pick: 'Pick it up, put it down',
    move: 'To another column, another card',
    leave: 'Back to where it was',
    past: 'The page as it was',
    change: 'Change before, change after',
    day: 'A day back, a day on',
    end: 'The first change, now',
    entry: 'Timeline, comments',
    send: 'Send what was written',
    anywhere: 'Anything open',
    close: 'Close it',
  },
  de: {
    cells: 'Zellen einer Liste',
    column: 'Andere Spalte',
    edit: 'Zelle bearbeiten',
    field: 'Während ein Feld bearbeitet wird',
    save: 'Speichern',
    saveLong: 'Mehrzeiligen Text speichern',
    cancel: 'Wie es vorher war',
    card: 'Karte eines Boards',
    pick: 'Aufnehmen, ablegen',
    move: 'Andere Spalte, andere Karte',
    leave: 'Zurück an ihren Platz',
    past: 'Die Seite, wie sie war',
    change: 'Änderung davor, danach',
    day: 'Ein Tag zurück, vor',
    end: 'Erste Änderung, jetzt',
    entry: 'Verlauf, Kommentare',
    send: 'Geschriebenes absenden',
    anywhere: 'Alles, was offen ist',
    close: 'Schließen',
  },
});

type Text = Parameters<typeof texts>[0];
const hints: [group: Text, hints: [label: Text, keys: string[]][]][] = [
  [
    'cells',
    [
      ['column', ['arrowleft', 'arrowright']],
      ['edit', ['f2']],
    ],
  ],
  [
    'field',
    [
      ['save', ['enter', 'mod+s']],
      ['saveLong', ['mod+enter']],
      ['cancel', ['escape']],
    ],
  ],
  [
    'card',
    [
      ['pick', ['space']],
      ['move', ['arrowleft', 'arrowright', 'arrowup', 'arrowdown']],
      ['leave', ['escape']],
    ],
  ],
  [
    'past',
    [
      ['change', ['arrowleft', 'arrowright']],
      ['day', ['pagedown', 'pageup']],
      ['end', ['home', 'end']],
    ],
  ],
  ['entry', [['send', ['mod+enter']]]],
  ['anywhere', [['close', ['escape']]]],
];

export interface KeyHint {
  label: string;
  keys: string[];
}
export const keyHints = (): { group: string; hints: KeyHint[] }[] =>
  hints.map(([group, all]) => ({
    group: texts(group),
    hints: all.map(([label, keys]) => ({ label: texts(label), keys })),
  }));
