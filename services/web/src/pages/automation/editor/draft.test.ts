// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { bodyOf, changesOf, creationOf, draftOf, emptyDraft } from './draft';
import { parsePeriod, printPeriod } from './period';

const saved = {
  id: '1',
  name: 'Thank',
  department: 'sales',
  trigger: 'fact',
  fact: 'deal.won',
  kind: 'deal',
  condition: 'amount > 1',
  plan: { steps: [{ name: 'a', action: 'wait', period: '1d' }] },
};

test('what was read and not touched changes nothing', () => {
  const draft = draftOf('rules', saved);
  expect(changesOf('rules', draft, draftOf('rules', saved))).toEqual({});
  expect(changesOf('rules', draft, { ...draft, name: 'Other' })).toEqual({ name: 'Other' });
});

test('another trigger takes away what the old one said', () => {
  const draft = draftOf('rules', saved);
  expect(changesOf('rules', draft, { ...draft, trigger: 'change', change: 'created' })).toEqual({
    trigger: 'change',
    fact: null,
    change: 'created',
  });
});

test('a plan is one value, sent whole and clean', () => {
  const draft = draftOf('rules', saved);
  const steps = [...draft.steps, { name: 'b', action: 'end' as const, condition: 'left over' }];
  expect(changesOf('rules', draft, { ...draft, steps })).toEqual({
    plan: {
      steps: [
        { name: 'a', action: 'wait', period: '1d' },
        { name: 'b', action: 'end' },
      ],
    },
  });
});

test('a new one says no nulls, and a flow nothing of triggers', () => {
  const flow = { ...emptyDraft('flows', 'service'), name: 'Care' };
  expect(creationOf('flows', flow)).toEqual({
    name: 'Care',
    department: 'service',
    kind: 'customer',
    plan: { steps: [] },
  });
  expect(bodyOf('flows', flow)).not.toHaveProperty('trigger');
});

test('periods are a number and a unit, or left as they are', () => {
  expect(parsePeriod('-3d')).toEqual({ count: 3, unit: 'd', before: true });
  expect(printPeriod({ count: 90, unit: 'min', before: false })).toBe('90min');
  expect(printPeriod({ count: 0, unit: 'd', before: true })).toBe('0d');
  expect(parsePeriod('1h30min')).toBeUndefined();
});
