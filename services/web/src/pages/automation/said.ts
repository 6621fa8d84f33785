// SPDX-License-Identifier: Apache-2.0
// Rules, flows and runs in short words.
import type { Row } from '@/api/records';
import type { components } from '@/api/schema';

export type Run = components['schemas']['Run'];
export type Rule = components['schemas']['Rule'];
export type RunState = components['schemas']['RunState'];
export type Outcome = components['schemas']['StepOutcome'];

export const stateColors: Record<RunState, string> = {
  running: 'blue',
  waiting: 'yellow',
  done: 'teal',
  failed: 'red',
  exited: 'gray',
  cancelled: 'gray',
};
export const outcomeColors: Record<Outcome, string> = {
  done: 'teal',
  failed: 'red',
  waited: 'gray',
  queued: 'blue',
};

export const asRun = (row: Row) => row as unknown as Run;
export const isOver = (state: RunState | undefined) => state !== 'running' && state !== 'waiting';

/** What sets a rule off: which sentence, and what stands in it. */
export interface Occasion {
  key: 'fact' | 'change' | 'moment' | 'schedule';
  values: Record<string, string>;
}
export function occasionOf(row: Row): Occasion {
  const {
    trigger = 'fact',
    fact = '',
    kind = '',
    change = 'any',
    after = '',
    field = '',
    every = '',
  } = row as unknown as Rule;
  const values: Record<Occasion['key'], Record<string, string>> = {
    fact: { fact },
    change: { kind, change },
    moment: { after, field },
    schedule: { every },
  };
  return { key: trigger, values: values[trigger] };
}

/** "assign, wait, mail" */
export const planOf = (row: Row): string[] =>
  (row as unknown as Rule).plan?.steps?.map((step) => step.name) ?? [];

/** Heights of bars, of 100, the highest full. */
export function heights(days: readonly number[]): number[] {
  const most = Math.max(1, ...days);
  return days.map((count) => Math.round((100 * count) / most));
}

type DryStep = components['schemas']['DryStep'];

/** Which sentence tells a step of a dry run's way. */
export const saidOf = (step: Pick<DryStep, 'action' | 'outcome'>) =>
  step.action === 'wait' && step.outcome === 'holds'
    ? ('way_holds_at' as const)
    : step.action === 'wait' && step.outcome === 'holds_not'
      ? ('way_late' as const)
      : (`way_${step.outcome}` as const);
