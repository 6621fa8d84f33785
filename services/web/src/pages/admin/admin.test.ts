// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { lacking, stateOf } from './receipts';
import { stagesToSend, withStage } from './stages';
import { askOf, type Entry, toCsv } from './trail';

test('the trail is asked for with what was filled in only', () => {
  expect(askOf({ actor: '', action: 'read' })).toEqual({ action: 'read' });
  expect(askOf({ since: '2026-01-02T03:04' }).since).toMatch(/^2026-01-0\dT.*Z$/);
});

test('changes are asked for by person, kind, time and run', () => {
  expect(askOf({ actor: 'a', kind: 'deals', since: '2026-01-02T03:04' })).toMatchObject({
    actor: 'a',
    kind: 'deals',
  });
  expect(askOf({ run: '1/ab/7' })).toEqual({ run: '1/ab/7' });
});

test('an exported cell can end no line, cell or quotation, and is no formula', () => {
  const entry = {
    at: 'now',
    actor: 'a,"b"',
    action: 'search',
    count: 1,
    times: 2,
    words: '=1+1\nx',
    customers: ['x', 'y'],
  };
  const [head, ...rest] = toCsv([entry as unknown as Entry]).split('\r\n');
  expect(head).toBe(
    'at,actor,action,kind,record,count,times,customer_count,customers,everybody,words,address',
  );
  expect(rest.join('|')).toBe('now,"a,""b""",search,,,1,2,,x y,,"\'=1+1\nx",|');
});

test('an erasure is done when every member has given its receipt', () => {
  const members = [
    { number: 1, name: 'sales' },
    { number: 2, name: 'service' },
  ];
  const receipt = { node: 'sales', number: 1, done_at: '2026-01-01T00:00:00Z' };
  expect(lacking([receipt], members)).toEqual(['service']);
  expect(stateOf([receipt], members)).toBe('underWay');
  expect(stateOf([receipt, { node: 'service', number: 2, done_at: 'x' }], members)).toBe('done');
  expect(
    stateOf(
      [
        { node: 'sales', number: 1 },
        { node: 'service', number: 2 },
      ],
      members,
    ),
  ).toBe('underWay');
  expect(stateOf([], members)).toBe('asked');
});

test('stages are numbered as they stand, nameless ones are none', () => {
  expect(
    stagesToSend([
      { name: ' new ', order: 9, probability: 10 },
      { name: '', order: 1 },
      { name: 'won', probability: 130 },
    ]),
  ).toEqual([
    { name: 'new', order: 1, probability: 10 },
    { name: 'won', order: 2, probability: 100 },
  ]);
  expect(withStage([{ name: 'a', probability: 40 }])).toEqual([
    { name: 'a', probability: 40 },
    { name: '', probability: 50 },
  ]);
});
