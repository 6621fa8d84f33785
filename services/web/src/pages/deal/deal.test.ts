// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type Deal, isLate, openFirst, staysOf, timeIn, weighted } from './deal';

const at = (hour: number) => `2026-11-22T${String(hour).padStart(2, '0')}:00:00.000Z`;
const hour = 3_600_000;
const now = Date.parse(at(20));
const visits = [
  { visit: 2, stage: 'Propose', entered_at: at(3), left_at: at(5) },
  { visit: 1, stage: 'Qualify', entered_at: at(1), left_at: at(3) },
  { visit: 3, stage: 'Qualify', entered_at: at(5) },
];
const deal = (more: Partial<Deal>): Deal => ({ id: 'd', ...more });

describe('the way of a deal', () => {
  it('is told in its order, and goes on where the deal stands', () => {
    const stays = staysOf(deal({ state: 'open', history: visits }), now);
    expect(stays.map((one) => [one.stage, one.ms / hour])).toEqual([
      ['Qualify', 2],
      ['Propose', 2],
      ['Qualify', 15],
    ]);
    expect(stays.at(-1)?.left).toBeUndefined();
    expect(timeIn(stays).get('Qualify')).toBe(17 * hour);
  });

  it('ends when the deal is closed, also where the last stay says no end', () => {
    const stays = staysOf(deal({ state: 'lost', closed_at: at(6), history: visits }), now);
    expect(stays.at(-1)?.ms).toBe(hour);
    expect(staysOf(deal({}), now)).toEqual([]);
  });

  it('is worth its amount by its probability', () => {
    const amount = { amount_minor: 999, currency: 'EUR' };
    expect(weighted(deal({ amount, probability: 30 }))).toEqual({ amount_minor: 300, currency: 'EUR' });
    expect(weighted(deal({ amount, probability: 0 }))?.amount_minor).toBe(0);
    expect(weighted(deal({ probability: 30 }))).toBeUndefined();
  });

  it('is late only while it is open', () => {
    expect(isLate(deal({ state: 'open', close_at: at(19) }), now)).toBe(true);
    expect(isLate(deal({ state: 'open', close_at: at(21) }), now)).toBe(false);
    expect(isLate(deal({ state: 'won', close_at: at(19) }), now)).toBe(false);
    expect(isLate(deal({ state: 'open' }), now)).toBe(false);
  });

  it('has the task first that is due first', () => {
    const tasks = [
      { id: 'a' },
      { id: 'b', due_at: at(9) },
      { id: 'c', due_at: at(8) },
      { id: 'd', due_at: at(1), state: 'done' },
      { id: 'e', due_at: at(2), archived: true },
    ];
    expect(openFirst(tasks).map((one) => one.id)).toEqual(['c', 'b', 'a']);
  });
});
