// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { inGroups, itemsOf, ordered, sumOf } from './groups';
import {
  askedOrder,
  baseState,
  isDirty,
  listState,
  nextOrder,
  printOrder,
  readOrder,
  searchOf,
} from './state';

const kind: Kind = {
  number: 1,
  name: 'deal',
  plural: 'deals',
  label: 'Deal',
  owner: 'sales',
  title: 'name',
  fields: [
    { name: 'name', type: 'text' },
    { name: 'state', type: 'enum', values: ['open', 'won', 'lost'], indexed: true },
    {
      name: 'amount',
      type: 'object',
      fields: [
        { name: 'amount_minor', type: 'int' },
        { name: 'currency', type: 'text', meaning: 'currency' },
      ],
    },
  ],
};
const [, state, amount] = kind.fields as [Field, Field, Field];
const view = {
  id: 'v',
  name: 'Open',
  of: 'deals',
  filter: 'state = open',
  order_by: 'name',
  columns: 'name,state',
};

test('what stands in the address comes out of it again', () => {
  const base = baseState(kind, view, undefined);
  const wanted = {
    ...base,
    filter: '',
    order: 'state desc',
    columns: ['name'],
    group: 'state',
    archived: true,
  };
  const search = searchOf(base, wanted);
  expect(search.filter).toBe('-');
  expect(listState(kind, base, search)).toEqual(wanted);
  expect(searchOf(base, base)).toEqual({});
});

test('a view is dirty when the address says otherwise, and archived records are no part of it', () => {
  const base = baseState(kind, view, undefined);
  expect(isDirty(base, base)).toBe(false);
  expect(isDirty(base, { ...base, archived: true })).toBe(false);
  expect(isDirty(base, { ...base, filter: 'state = won' })).toBe(true);
});

test('columns that are no more are left out, and there is always one', () => {
  const base = baseState(kind, { ...view, columns: 'gone,state' }, undefined);
  expect(base.columns).toEqual(['state']);
  expect(baseState(kind, { ...view, columns: 'gone' }, undefined).columns).toContain('name');
  expect(listState(kind, base, { columns: 'gone' }).columns).toEqual(['state']);
});

test('a head goes from lowest to highest to none, alone or below other levels', () => {
  const first = nextOrder([], 'name');
  const second = nextOrder(first, 'name');
  expect([printOrder(first), printOrder(second), nextOrder(second, 'name')]).toEqual([
    'name',
    'name desc',
    [],
  ]);
  expect(nextOrder(second, 'state')).toEqual([{ field: 'state', desc: false }]);
  const two = nextOrder(second, 'state', true);
  expect(printOrder(two)).toBe('name desc,state');
  expect(printOrder(nextOrder(two, 'name', true))).toBe('state');
  expect(printOrder(nextOrder(two, 'state', true))).toBe('name desc,state desc');
  const three = nextOrder(two, 'a', true);
  expect(nextOrder(three, 'b', true)).toEqual(three);
});

test('an order is read as it is said, and only what means something is asked of the node', () => {
  expect(readOrder(' close_at desc, name')).toEqual([
    { field: 'close_at', desc: true },
    { field: 'name', desc: false },
  ]);
  expect(readOrder('')).toEqual([]);
  expect(askedOrder(kind, readOrder('gone,state desc,amount,updated_at,name,created_at'))).toBe(
    'state desc,amount,name',
  );
});

const row = (id: string, is: string | undefined, minor?: number, currency = 'EUR'): Row => ({
  id,
  ...(is ? { state: is } : {}),
  ...(minor === undefined ? {} : { amount: { amount_minor: minor, currency } }),
});
const rows = [row('1', 'won', 100), row('2', undefined), row('3', 'open', 50, 'USD'), row('4', 'won', 11)];

test('groups stand in the order of the schema, those without a value last, and closed ones hide their rows', () => {
  const items = itemsOf(rows, state, new Set(['open']));
  expect(items.map((item) => (item.type === 'group' ? `${item.key}:${item.count}` : item.row.id))).toEqual([
    'open:1',
    'won:2',
    '1',
    '4',
    ':1',
    '2',
  ]);
  expect(items.flatMap((item) => (item.type === 'row' ? [item.index] : []))).toEqual([1, 2, 3]);
  expect(inGroups(rows, state).map((one) => one.id)).toEqual(['3', '1', '4', '2']);
  expect(inGroups(rows, undefined)).toBe(rows);
});

test('amounts of several currencies are never added', () => {
  expect(sumOf(rows, amount)).toEqual({
    type: 'money',
    totals: [
      { currency: 'EUR', amount_minor: 111 },
      { currency: 'USD', amount_minor: 50 },
    ],
  });
});

test('rows without a value come last in either order', () => {
  expect(ordered(rows, amount, false).map((one) => one.id)).toEqual(['4', '3', '1', '2']);
  expect(ordered(rows, amount, true).map((one) => one.id)).toEqual(['1', '3', '4', '2']);
});
