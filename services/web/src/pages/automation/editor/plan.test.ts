// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  answersAbove,
  belowOf,
  cleaned,
  faultOf,
  freeName,
  lanesOf,
  moved,
  newStep,
  removed,
  renamed,
  type Step,
  waysOf,
} from './plan';

const steps: Step[] = [
  { name: 'ask', action: 'mail', to: 'x', subject: 's', text: 't' },
  { name: 'pause', action: 'wait', until: 'tags:done', period: '3d', otherwise: 'late' },
  // biome-ignore lint/suspicious/noThenProperty: the API's word for a branch's way
  { name: 'which', action: 'branch', condition: 'amount > 1', then: 'last' },
  { name: 'again', action: 'loop', back: 'ask', times: 2 },
  { name: 'last', action: 'end' },
  { name: 'late', action: 'notify', to: 'u', text: 'late' },
];

test('a step keeps only what its action asks and what is said', () => {
  expect(
    cleaned({ name: 'a', action: 'wait', period: '1d', until: '', condition: 'x = 1', times: 4 }),
  ).toEqual({
    name: 'a',
    action: 'wait',
    period: '1d',
  });
  expect(cleaned({ name: 'a', action: 'end', next: 'b' })).toEqual({ name: 'a', action: 'end' });
  expect(cleaned({ name: 'a', action: 'start', flow: 'f', next: 'b' })).toHaveProperty('next', 'b');
});

test('names are told apart, and follow when a step is called otherwise', () => {
  expect(freeName(steps, 'ask')).toBe('ask 2');
  expect(freeName([...steps, { name: 'ask 2', action: 'end' }], 'ask')).toBe('ask 3');
  const now = renamed(steps, 5, 'too late');
  expect(now[1]?.otherwise).toBe('too late');
  expect(now[5]?.name).toBe('too late');
  expect(steps[1]?.otherwise).toBe('late');
});

test('who led to a step that goes leads to the next one below', () => {
  const now = removed(steps, 5);
  expect(now).toHaveLength(5);
  expect(now[1]).not.toHaveProperty('otherwise');
});

test('steps move by one, and not beyond the ends', () => {
  expect(
    moved(steps, 0, 1)
      .map((step) => step.name)
      .slice(0, 2),
  ).toEqual(['pause', 'ask']);
  expect(moved(steps, 0, -1)).toEqual(steps);
  expect(moved(steps, 5, 1)).toEqual(steps);
});

test('a new loop goes back to the step above it', () => {
  expect(newStep(steps, 2, 'loop', 'Again')).toMatchObject({ back: 'pause', times: 3 });
  expect(newStep([], 0, 'loop', 'Again')).not.toHaveProperty('back');
});

test('ways that leave the order are drawn, and no two lie on one another', () => {
  const ways = waysOf(steps);
  expect(ways).toEqual([
    { from: 1, to: 5, type: 'late' },
    { from: 2, to: 4, type: 'yes' },
    { from: 3, to: 0, type: 'again' },
    { from: 4, to: 6, type: 'next' },
  ]);
  const { down, up } = lanesOf(ways);
  expect(up.map((way) => way.from)).toEqual([3]);
  expect(new Set(down.map((way) => way.lane)).size).toBe(3);
  expect(lanesOf([{ from: 0, to: -1, type: 'yes' }])).toEqual({ down: [], up: [] });
});

test('below a branch is the case that leads nowhere else', () => {
  expect(steps.map(belowOf)).toEqual(['plain', 'plain', 'no', 'plain', 'never', 'plain']);
  expect(belowOf({ name: 'x', action: 'branch', otherwise: 'y' })).toBe('yes');
  expect(belowOf({ name: 'x', action: 'set', next: 'y' })).toBe('never');
});

test('what the node says against a plan names the step and its part', () => {
  expect(faultOf('plan.steps[1] (task): values: titel: there is no such field in Task')).toEqual({
    step: 1,
    part: 'values',
    text: 'titel: there is no such field in Task',
  });
  expect(faultOf("condition: column 1: no field 'amont' in deal")).toEqual({
    part: 'condition',
    text: "column 1: no field 'amont' in deal",
  });
  expect(faultOf('plan.steps[0] (a (b)): times: 1 to 100 are wanted')).toMatchObject({ step: 0 });
  expect(faultOf('plan.steps[0].name: is required')).toEqual({ step: 0, part: 'name', text: 'is required' });
  expect(faultOf('plan.steps[0].values[1].value: must not be empty')).toEqual({
    step: 0,
    part: 'values',
    index: 1,
    text: 'must not be empty',
  });
  expect(faultOf('plan: a step is wanted')).toEqual({ part: 'plan', text: 'a step is wanted' });
  expect(faultOf('Something else.')).toEqual({ text: 'Something else.' });
});

test('a step knows what those above it take of answers, each name once, and the status', () => {
  const steps: Step[] = [
    { name: 'ask', action: 'http', takes: [{ name: 'score', type: 'whole' }, { name: 'word' }] },
    { name: 'high', action: 'branch', condition: 'http.score > 3', otherwise: 'again' },
    { name: 'again', action: 'http', otherwise: 'end', takes: [{ name: 'score', type: 'whole' }] },
    { name: 'end', action: 'end' },
  ];
  expect(answersAbove(steps, 0)).toEqual([]);
  const known = [
    { name: 'status', type: 'whole' },
    { name: 'score', type: 'whole' },
    { name: 'word', type: 'text' },
  ];
  expect(answersAbove(steps, 1)).toEqual(known);
  expect(answersAbove(steps, 3)).toEqual(known);
  expect(waysOf(steps)).toContainEqual({ from: 2, to: 3, type: 'unanswered' });
});
