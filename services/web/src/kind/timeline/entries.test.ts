// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { byDay, type Entry, keyOf, passes, upTo } from './entries';

const entry = (time: string, more: Partial<Entry> = {}): Entry => ({
  time,
  event: 'interaction.logged',
  label: 'Interaction',
  department: 'sales',
  node: 'sales',
  seq: 1,
  ...more,
});

describe('a timeline', () => {
  it('is told by day', () => {
    const days = byDay(
      [entry('2026-11-22T10:00:00Z'), entry('2026-11-22T08:00:00Z'), entry('2026-11-21T23:00:00Z')],
      (time) => time.slice(0, 10),
    );
    expect(days.map((one) => [one.day, one.entries.length])).toEqual([
      ['2026-11-22', 2],
      ['2026-11-21', 1],
    ]);
    expect(byDay([], String)).toEqual([]);
  });

  it('is sifted by department and by all words, wherever they stand', () => {
    const call = entry('2026-11-22T10:00:00Z', {
      department: 'service',
      interaction: { id: 'x', subject: 'Loom broken', text: 'Sends a Part tomorrow' },
    });
    const sieve = (department: string, text: string) => passes(call, { department, text });
    expect(sieve('', '')).toBe(true);
    expect(sieve('service', 'loom')).toBe(true);
    expect(sieve('sales', 'loom')).toBe(false);
    expect(sieve('', 'part LOOM')).toBe(true);
    expect(sieve('', 'part wheel')).toBe(false);
  });

  it('ends at a moment of the past, whatever the zone that the moment is written in', () => {
    const all = [entry('2026-11-22T10:00:00Z'), entry('2026-11-22T08:00:00Z')];
    expect(upTo(all, undefined)).toEqual(all);
    expect(upTo(all, '2026-11-22T10:00:00.000+01:00')).toEqual(all.slice(1));
    expect(upTo(all, '2026-11-22T10:00:00.000Z')).toEqual(all);
  });

  it('has a key for each entry', () => {
    expect(keyOf(entry('2026-11-22T10:00:00Z'))).not.toBe(keyOf(entry('2026-11-22T10:00:00Z', { seq: 2 })));
  });
});
