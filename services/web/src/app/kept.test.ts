// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { keptChanges, keptOf, withKept } from './kept';
import { defaults } from './preferences';

test('only what somebody likes otherwise is kept, and what belongs to the machine is not', () => {
  expect(keptOf(defaults())).toEqual({});
  const mine = {
    ...defaults(),
    density: 'roomy' as const,
    sidebarWidth: 300,
    lists: { deals: '{"sums":[]}' },
  };
  expect(keptOf(mine)).toEqual({ density: '"roomy"', 'list.deals': '{"sums":[]}' });
});

test('what is kept at one machine is the same at another one', () => {
  const here = {
    ...defaults(),
    scheme: 'dark' as const,
    sidebarGroups: [{ name: 'Mine', paths: ['/deals'] }],
    lists: { deals: '{"sums":["amount"]}' },
  };
  const there = { ...defaults(), sidebarWidth: 180, lists: { tasks: '{}' } };
  const next = { ...there, ...withKept(there, keptChanges({}, keptOf(here))) };
  expect(next).toEqual({ ...here, sidebarWidth: 180, lists: { tasks: '{}', deals: '{"sums":["amount"]}' } });
});

test('what is as for everybody again is told, and what is too long to be kept is not', () => {
  const changes = keptChanges(
    { density: '"roomy"', scheme: '"dark"' },
    { scheme: '"light"', region: 'x'.repeat(5000) },
  );
  expect([...changes]).toEqual([
    ['density', undefined],
    ['scheme', '"light"'],
  ]);
  expect(withKept({ ...defaults(), density: 'roomy' }, changes)).toEqual({
    density: 'normal',
    scheme: 'light',
  });
});

test('values of another release that are of no use are passed over', () => {
  const changes = new Map<string, string | undefined>([
    ['sidebarHidden', '{"a":1}'],
    ['sidebar', 'not json'],
    ['startPage', 'null'],
    ['wallpaper', '"sea"'],
  ]);
  expect(withKept(defaults(), changes)).toEqual({ sidebarHidden: [], sidebar: {}, startPage: '' });
});
