// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  before,
  byPart,
  byTime,
  changeOf,
  type Figure,
  filterOf,
  moneyByTime,
  rangeOf,
  revenue,
  startOf,
  stretches,
} from './figures';

const now = Date.parse('2026-11-22T13:00:00Z');
const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });

test('a period is days, weeks or months up to today', () => {
  expect(rangeOf('month', now)).toEqual({ from: '2026-10-24', to: '2026-11-22', step: 'day' });
  expect(stretches(rangeOf('month', now), [])).toHaveLength(30);
  expect(stretches(rangeOf('quarter', now), [])).toHaveLength(13);
  expect(stretches(rangeOf('year', now), [])[0]).toBe('2025-12-01');
  expect(stretches(rangeOf('ever', now), [{ day: '2026-09-14' }])).toEqual([
    '2026-09-01',
    '2026-10-01',
    '2026-11-01',
  ]);
});

test('the period before has as many days', () => {
  expect(before(rangeOf('month', now))).toEqual({ from: '2026-09-24', to: '2026-10-23', step: 'day' });
  expect(before(rangeOf('ever', now))).toBeUndefined();
});

test('a week begins where the period begins', () => {
  const range = rangeOf('quarter', now);
  expect(startOf('2026-08-25', range)).toBe('2026-08-24');
  expect(startOf('2026-08-31', range)).toBe('2026-08-31');
});

const rows: Figure[] = [
  { day: '2026-11-01', type: 'purchase', department: 'sales', count: 2, amounts: [eur(500)] },
  { day: '2026-11-01', type: 'call', department: 'service', count: 3 },
  {
    day: '2026-11-02',
    type: 'purchase',
    department: 'sales',
    count: 1,
    amounts: [eur(250), { amount_minor: 9, currency: 'USD' }],
  },
];

test('figures are added up by time and by part', () => {
  const found = byTime(rows, rangeOf('month', now), 'department').find((one) => one.start === '2026-11-01');
  expect(found).toEqual({ start: '2026-11-01', sum: 5, sales: 2, service: 3 });
  expect(byPart(rows, 'type')).toEqual([
    { name: 'purchase', count: 3 },
    { name: 'call', count: 3 },
  ]);
});

test('currencies stay apart', () => {
  expect(revenue(rows)).toEqual([eur(750), { amount_minor: 9, currency: 'USD' }]);
  const months = moneyByTime(rows, rangeOf('year', now), 'EUR');
  expect(months.at(-1)).toEqual({ start: '2026-11-01', minor: 750 });
});

test('a bar is a filter of the list', () => {
  expect(filterOf('2026-11-01', '2026-11-30', { part: 'type', name: 'call' })).toBe(
    'occurred_at >= "2026-11-01T00:00:00Z" AND occurred_at < "2026-12-01T00:00:00Z" AND type = "call"',
  );
  expect(filterOf(undefined, '2026-11-30')).toBe('occurred_at < "2026-12-01T00:00:00Z"');
});

test('there is no change from nothing', () => {
  expect(changeOf(3, 2)).toBe(0.5);
  expect(changeOf(3, 0)).toBeUndefined();
});
