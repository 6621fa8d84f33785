// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { byUrgency, clockOf, movesOf, nextOf, ofWhom, shownRest, type Ticket } from './clock';

const now = Date.parse('2026-11-22T12:00:00Z');
const ticket = (id: string, more: Partial<Ticket> = {}): Ticket => ({ id, state: 'new', ...more });

test('a ticket is due, due soon, late', () => {
  const at = (respond_by: string) => clockOf(ticket('a', { respond_by }), now);
  expect(at('2026-11-22T15:00:00Z')).toEqual({ state: 'due', rest: 3 * 3_600_000 });
  expect(at('2026-11-22T12:30:00Z').state).toBe('soon');
  expect(at('2026-11-22T11:59:00Z')).toEqual({ state: 'late', rest: 60_000 });
});

test('an answer stops the clock, in time or not, and so does a solution', () => {
  const responded_at = '2026-11-22T10:00:00Z';
  expect(clockOf(ticket('a', { responded_at }), now).state).toBe('answered');
  expect(clockOf(ticket('a', { responded_at, response_breached: true }), now).state).toBe('answeredLate');
  expect(clockOf(ticket('a', { state: 'resolved', respond_by: responded_at }), now).state).toBe('done');
  expect(clockOf(ticket('a'), now).state).toBe('none');
});

test('seconds are shown in the last ten minutes', () => {
  expect(shownRest(9 * 60_000 + 1000)).toBe(9 * 60_000 + 1000);
  expect(shownRest(11 * 60_000 + 1000)).toBe(11 * 60_000);
});

test('each state allows its moves', () => {
  expect(movesOf(ticket('a'))).toContain('close');
  expect(movesOf(ticket('a', { state: 'open' }))).toContain('wait');
  expect(movesOf(ticket('a', { state: 'closed' }))).toEqual(['reopen']);
});

test('who waits longest for a first answer goes first, then the priority', () => {
  const all = [
    ticket('answered', { responded_at: 'x', priority: 'low' }),
    ticket('urgent', { responded_at: 'x', priority: 'urgent' }),
    ticket('later', { respond_by: '2026-11-22T15:00:00Z' }),
    ticket('sooner', { respond_by: '2026-11-22T13:00:00Z' }),
  ];
  expect(byUrgency(all).map((one) => one.id)).toEqual(['sooner', 'later', 'urgent', 'answered']);
});

test('the next ticket is another one that is mine or nobody’s', () => {
  const all = [ticket('a', { owner: 'her' }), ticket('b', { owner: 'me' }), ticket('c')];
  expect(nextOf(all, 'b', 'me')?.id).toBe('c');
  expect(nextOf([ticket('b')], 'b', 'me')).toBeUndefined();
  expect(ofWhom(all, 'mine', 'me').map((one) => one.id)).toEqual(['b']);
  expect(ofWhom(all, 'nobody', 'me').map((one) => one.id)).toEqual(['c']);
});
