// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { boxesOf, figuresOf, greetingOf, stagesOf, tonightOf } from './boxes';

const day = { user: 'u-1', department: 'sales' as const, tonight: tonightOf(new Date(2026, 10, 22, 9, 30)) };

test('a day ends at midnight where the person is', () => {
  expect(day.tonight).toEqual(new Date(2026, 10, 23));
  expect(tonightOf(new Date(2026, 11, 31, 23, 59))).toEqual(new Date(2027, 0, 1));
});

test('sales sees its deals, marketing its campaigns, both what waits for them', () => {
  expect(boxesOf(day).map((box) => box.name)).toEqual(['tasks', 'offers', 'closing', 'stalled']);
  const marketing = boxesOf({ ...day, department: 'marketing' });
  expect(marketing.map((box) => box.plural)).toEqual(['tasks', 'handovers', 'campaigns', 'campaigns']);
  expect(marketing[1]?.filter).toBe('to = marketing AND state = offered');
});

test('what is due asks for this person and this day', () => {
  expect(boxesOf(day)[0]?.filter).toBe(
    `owner = "u-1" AND state = open AND due_at < ${new Date(2026, 10, 23).toISOString()}`,
  );
  expect(boxesOf(day)[2]?.filter).toContain(new Date(2026, 10, 30).toISOString());
  expect(figuresOf(day).find((one) => one.name === 'wonDeals')?.filter).toContain(
    new Date(2026, 9, 24).toISOString(),
  );
});

test('stages: those with deals, as the pipelines have them', () => {
  const group = (stage: string, count: number) => ({ key: { stage, state: 'open' }, count });
  const groups = [group('New', 2), group('Old', 0), group('Offer', 5), group('Gone', 1), group('Left', 3)];
  const names = stagesOf(groups, ['New', 'Old', 'Offer']).map((one) => one.name);
  expect(names).toEqual(['New', 'Offer', 'Left', 'Gone']);
});

test('the greeting follows the clock', () => {
  expect([7, 12, 20].map(greetingOf)).toEqual(['morning', 'day', 'evening']);
});
