// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Field, Kind } from '@/api/kinds';
import { choicesOf, dayOfRow, filterOf, isDay, keyOf, movedTo, stepped, weeksOf } from './days';

const due: Field = { name: 'due_at', type: 'int', meaning: 'instant', label: 'Due' };
const born: Field = { name: 'born', type: 'int', meaning: 'date', label: 'Born' };
const kind = (plural: string, fields: Field[], more: Partial<Kind> = {}) =>
  ({ number: 1, name: plural, plural, label: plural, owner: 'any', fields, ...more }) as Kind;

test('a month is whole weeks from Monday on', () => {
  const weeks = weeksOf('2026-11-22', 'month');
  expect(weeks).toHaveLength(6);
  expect(weeks[0]?.[0]).toBe('2026-10-26');
  expect(weeks.at(-1)?.at(-1)).toBe('2026-12-06');
  expect(weeksOf('2026-11-22', 'week')).toEqual([
    [16, 17, 18, 19, 20, 21, 22].map((day) => `2026-11-${day}`),
  ]);
});

test('earlier and later go by months or weeks', () => {
  expect(stepped('2026-12-31', 'month', 1)).toBe('2027-01-01');
  expect(stepped('2026-11-22', 'week', -1)).toBe('2026-11-15');
  expect(isDay('2026-11-22')).toBe(true);
  expect(isDay('soon')).toBe(false);
});

test('kinds with a date can be shown, tasks first', () => {
  const kinds = [
    kind('people', [born]),
    kind('tasks', [due]),
    kind('memberships', [due], { internal: true }),
    kind('names', []),
  ];
  expect(choicesOf(kinds, () => true).map(keyOf)).toEqual(['tasks.due_at', 'people.born']);
  expect(choicesOf(kinds, (one) => one.plural === 'people').map(keyOf)).toEqual(['people.born']);
});

test('a record is read, shown and moved by its day', () => {
  expect(filterOf(born, '2026-11-01', '2026-11-30')).toBe('born >= "2026-11-01" AND born < "2026-12-01"');
  expect(dayOfRow({ id: 'a', born: '2026-11-22' }, born)).toBe('2026-11-22');
  expect(movedTo('2026-11-22', 'date', '2026-11-23')).toBe('2026-11-23');
  const moved = movedTo('2026-11-22T10:30:00.000Z', 'instant', '2026-11-24');
  expect(moved).toBe('2026-11-24T10:30:00.000Z');
});
