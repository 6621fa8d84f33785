// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Kind } from '@/api/kinds';
import {
  canBeUnique,
  canIndex,
  type FieldDefinition,
  groupsOf,
  hasDrawnPage,
  nameFor,
  optionsToSend,
  pluralFor,
  positionsAfter,
  presetField,
} from './definition';

test('a name is made of a label, of signs that names may have', () => {
  expect(nameFor('Größe des Huts')).toBe('groesse_des_huts');
  expect(nameFor('2nd  E-mail!')).toBe('nd_e_mail');
  expect(nameFor('Café')).toBe('cafe');
  expect(nameFor('合同')).toBe('');
  expect(nameFor('x'.repeat(60))).toHaveLength(40);
});

test('plurals are guessed', () => {
  expect(['project', 'company', 'box', 'survey', ''].map(pluralFor)).toEqual([
    'projects',
    'companies',
    'boxes',
    'surveys',
    '',
  ]);
});

test('options keep their names, new ones get one of their own, empty ones are none', () => {
  expect(
    optionsToSend([
      { name: 'red', label: 'Blue now' },
      { name: '', label: 'Red' },
      { name: '', label: ' ' },
      { name: '', label: '?' },
    ]),
  ).toEqual([
    { name: 'red', label: 'Blue now', position: 1 },
    { name: 'red_2', label: 'Red', position: 2 },
    { name: 'option', label: '?', position: 3 },
  ]);
});

test('moving a field says only the positions that are other ones', () => {
  const fields = [
    { id: 'a', position: 1 },
    { id: 'b', position: 2 },
    { id: 'c', position: 3 },
  ] as FieldDefinition[];
  expect(positionsAfter(fields, 1, -1)).toEqual([
    { id: 'b', position: 1 },
    { id: 'a', position: 2 },
  ]);
  expect(positionsAfter(fields, 0, -1)).toEqual([]);
});

test('a default is typed as a value of the field is', () => {
  expect(presetField({ type: 'decimal', scale: 3 })).toMatchObject({
    type: 'int',
    meaning: 'decimal',
    scale: 3,
  });
  expect(presetField({ type: 'choice', options: [{ name: '', label: 'Dark red' }] })).toMatchObject({
    type: 'enum',
    options: [{ name: 'dark_red', label: 'Dark red' }],
  });
  for (const type of ['money', 'reference', 'multi_choice'] as const)
    expect(presetField({ type })).toBeUndefined();
});

test('what has no index cannot be unique', () => {
  expect((['money', 'long_text', 'yes_no'] as const).some(canIndex)).toBe(false);
  expect(canIndex('multi_choice') && !canBeUnique('multi_choice')).toBe(true);
  expect(canBeUnique('decimal')).toBe(true);
});

const kindNamed = (name: string, extensible: boolean): Kind => ({
  number: 1,
  name,
  plural: `${name}s`,
  label: name,
  owner: 'any',
  extensible,
  fields: [],
});

test('every kind is offered once: added ones first, then those that take fields, then those that are laid out only', () => {
  const kinds = [kindNamed('role', false), kindNamed('deal', true), kindNamed('boat', true)];
  const groups = groupsOf(kinds, new Map([['boat', {}]]));
  expect(groups.map((group) => [group.text, group.kinds.map((kind) => kind.name)])).toEqual([
    ['ownKinds', ['boat']],
    ['givenKinds', ['deal']],
    ['fixedKinds', ['role']],
  ]);
  expect(groupsOf(kinds.slice(1, 2), new Map()).map((group) => group.text)).toEqual(['givenKinds']);
});

test('a kind whose records have a page of their own is not laid out', () => {
  expect(hasDrawnPage(kindNamed('role', false), ['/roles', '/rules/$id'])).toBe(true);
  expect(hasDrawnPage(kindNamed('rule', false), ['/rules', '/rules/$id'])).toBe(false);
});
