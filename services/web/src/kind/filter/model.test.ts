// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  bareOrQuoted,
  complete,
  condition,
  countConditions,
  FilterError,
  group,
  parseFilter,
  printFilter,
} from './model';

const again = (text: string) => printFilter(parseFilter(text));

test('a filter that was parsed is printed as it was said', () => {
  for (const text of [
    'country = "DE" AND class.purchases >= 3 AND NOT tags:"lost"',
    'emails.value:"example.com" OR (created_at > now - 30d AND type = person)',
    'amount > 1000 AND customer.country = DE AND count(purchase, 90d) >= 3',
    'sum(purchase, EUR, 365d) > 99.50',
    'NOT (a = 1 OR b = 2)',
    'name:*',
    'close_at < today + 2w',
    'id = 34f4aa9c-6830-8322-94f9-7fee6e7c2510',
    '',
  ])
    expect(again(text)).toBe(text);
});

test('and binds tighter than or, and keywords may be small', () => {
  const tree = parseFilter('a = 1 or b = 2 and c = 3');
  expect(tree.join).toBe('OR');
  expect(tree.items[1]).toMatchObject({ type: 'group', join: 'AND' });
  expect(printFilter(tree)).toBe('a = 1 OR (b = 2 AND c = 3)');
  expect(countConditions(tree)).toBe(3);
});

test('printing and parsing keep the meaning of groups within groups', () => {
  const tree = group(
    [
      condition('a', '=', '1'),
      group([condition('b', ':', 'x'), group([condition('c', '<', '2')], 'AND', true)], 'OR'),
    ],
    'AND',
  );
  const text = printFilter(tree);
  expect(text).toBe('a = 1 AND (b:x OR NOT (c < 2))');
  expect(again(text)).toBe(text);
});

test('what somebody types in a value never becomes a part of the language', () => {
  for (const typed of ['a" OR b = "c', 'back\\slash', 'AND', 'now', 'two words', '(', 'x:y', '']) {
    const tree = group([condition('name', '=', '', { ...bareOrQuoted(typed) })]);
    const read = parseFilter(printFilter(tree));
    expect(read.items).toHaveLength(1);
    expect(read.items[0]).toMatchObject({ type: 'condition', path: 'name', value: typed });
  }
});

test('an empty group says nothing', () => {
  expect(printFilter(group([group(), condition('a', '=', '1')]))).toBe('a = 1');
});

test('an error names the column, from 1', () => {
  const column = (text: string) => {
    try {
      parseFilter(text);
    } catch (error) {
      if (error instanceof FilterError) return error.column;
    }
    return undefined;
  };
  expect(column('country = D E')).toBe(13);
  expect(column('a = "open')).toBe(5);
  expect(column('(a = 1')).toBe(7);
  expect(column('a 1')).toBe(3);
  expect(column('a = 1 AND')).toBe(10);
  expect(column('a =')).toBe(4);
});

test('conditions without a value are not said, nor groups that have none but such', () => {
  const open = condition('type', '=', '');
  const said = condition('country', '=', 'DE', { quoted: true });
  expect(printFilter(complete(group([open])))).toBe('');
  expect(printFilter(complete(group([said, open, group([open, group([open])], 'OR')])))).toBe(
    'country = "DE"',
  );
  expect(printFilter(complete(group([said, group([open, said], 'OR')])))).toBe(
    'country = "DE" AND country = "DE"',
  );
});
