// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { KindBook } from '../kinds';
import type { Told } from './hub';
import { isTouched, plainWrites, touchedBy } from './live';

const book = new KindBook({
  kinds: [
    {
      number: 20,
      name: 'deal',
      plural: 'deals',
      label: 'Deal',
      owner: 'sales',
      fields: [
        { name: 'state', type: 'enum' },
        { name: 'tags', type: 'text', repeated: true },
        { name: 'amount', type: 'object' },
      ],
    },
  ],
  facts: [],
  commands: [],
});

const told: Told = {
  id: '1/ab/1',
  fact: 'deal.won',
  department: 'sales',
  node: 'sales',
  time: '',
  customer: 'c1',
  changes: [{ kind: 'deal', record: 'd1', set: { state: 'won', tags: ['x'], amount: {} } }],
  data: {},
};

test('an event touches what says so, and nothing else', () => {
  const touched = touchedBy([told], book);
  expect(isTouched({ kinds: ['deals'] }, touched)).toBe(true);
  expect(isTouched({ record: 'd1' }, touched)).toBe(true);
  expect(isTouched({ customer: 'c1' }, touched)).toBe(true);
  expect(isTouched({ kinds: ['tickets'], record: 'd2', customer: 'c2' }, touched)).toBe(false);
  expect(isTouched(undefined, touched)).toBe(false);
});

test('only plain values are taken from an event: elements of sets come singly', () => {
  expect(plainWrites(book, told.changes[0] as Told['changes'][number])).toEqual({ state: 'won' });
});
