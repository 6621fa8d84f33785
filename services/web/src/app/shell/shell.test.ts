// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { addressOf, grouped, inOrder, moved } from './navigation';
import { found, type Row } from './palette';

test('entries that the person ordered stand in that order, new ones behind their neighbour', () => {
  const name = (one: string) => one;
  expect(inOrder(['a', 'b', 'c', 'd'], [], name)).toEqual(['a', 'b', 'c', 'd']);
  expect(inOrder(['a', 'b', 'c', 'd'], ['d', 'b', 'a', 'c'], name)).toEqual(['d', 'b', 'a', 'c']);
  expect(inOrder(['a', 'new', 'b'], ['b', 'a'], name)).toEqual(['b', 'a', 'new']);
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['c', 'a', 'b']);
});

const row = (label: string, section = 's'): Row => ({ id: label, section, label, run: () => undefined });

test('the palette finds all words without regard to accents, starts of labels first', () => {
  const rows = [row('My tickets'), row('Tickets'), row('Größe ändern'), row('Deals', 't')];
  expect(found(rows, 'tick').map((one) => one.label)).toEqual(['Tickets', 'My tickets']);
  expect(found(rows, 'andern groß').map((one) => one.label)).toEqual(['Größe ändern']);
  expect(found(rows, 'zzz')).toEqual([]);
  expect(found(rows, '').map((one) => one.section)).toEqual(['s', 's', 's', 't']);
});

test('an entry is in one group at most, where it was put', () => {
  const groups = [
    { name: 'A', paths: ['/x', '/y'] },
    { name: 'B', paths: ['/z'] },
  ];
  expect(grouped(groups, '/x', 'B', '/z')).toEqual([
    { name: 'A', paths: ['/y'] },
    { name: 'B', paths: ['/x', '/z'] },
  ]);
  expect(grouped(groups, '/y', 'A', '/x')[0]?.paths).toEqual(['/y', '/x']);
  expect(grouped(groups, '/w', 'A', '/gone')[0]?.paths).toEqual(['/x', '/y', '/w']);
  expect(grouped(groups, '/x', undefined)[0]?.paths).toEqual(['/y']);
});

test('a link to elsewhere leads to a page and nothing else', () => {
  expect(addressOf(' wiki.example/team ')).toBe('https://wiki.example/team');
  expect(addressOf('http://intranet.example:8080')).toBe('http://intranet.example:8080/');
  for (const typed of ['', '   ', 'javascript:alert(1)', 'data:text/html,x', 'file:///etc', 'https://'])
    expect(addressOf(typed)).toBeUndefined();
});
