// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type Handover, isLate, verbsOf, waiting } from './handover';

const one = (id: string, from: string, to: string, more: Partial<Handover> = {}): Handover => ({
  id,
  from,
  to,
  state: 'offered',
  ...more,
});

describe('hand-overs', () => {
  const all = [
    one('later', 'marketing', 'sales', { deadline: '2026-11-24T00:00:00Z' }),
    one('sooner', 'service', 'sales', { deadline: '2026-11-23T00:00:00Z' }),
    one('never', 'service', 'sales'),
    one('ours', 'sales', 'service'),
    one('others', 'marketing', 'service'),
    one('taken', 'marketing', 'sales', { state: 'accepted' }),
  ];

  it('wait on both sides, the nearest deadline first', () => {
    const { forUs, forThem } = waiting(all, 'sales');
    expect(forUs.map((row) => row.id)).toEqual(['sooner', 'later', 'never']);
    expect(forThem.map((row) => row.id)).toEqual(['ours']);
    expect(waiting(all, 'analytics')).toEqual({ forUs: [], forThem: [] });
  });

  it('are answered by whom they are for, and taken back by who offered them', () => {
    expect(verbsOf(one('a', 'marketing', 'sales'), 'sales')).toEqual(['accept', 'refuse']);
    expect(verbsOf(one('a', 'marketing', 'sales'), 'marketing')).toEqual(['withdraw']);
    expect(verbsOf(one('a', 'marketing', 'sales'), 'service')).toEqual([]);
    expect(verbsOf(one('a', 'marketing', 'sales', { state: 'refused' }), 'sales')).toEqual([]);
  });

  it('are late when the deadline has passed and nobody has answered', () => {
    const now = Date.parse('2026-11-23T12:00:00Z');
    expect(isLate(one('a', 'x', 'y', { deadline: '2026-11-23T11:00:00Z' }), now)).toBe(true);
    expect(isLate(one('a', 'x', 'y', { deadline: '2026-11-23T13:00:00Z' }), now)).toBe(false);
    expect(isLate(one('a', 'x', 'y', { state: 'accepted', deadline: '2026-11-23T11:00:00Z' }), now)).toBe(
      false,
    );
    expect(isLate(one('a', 'x', 'y', { overdue: true }), now)).toBe(true);
  });
});
