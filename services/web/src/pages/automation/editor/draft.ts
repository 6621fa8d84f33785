// SPDX-License-Identifier: Apache-2.0
// A rule or flow while it is edited, and what is sent of it.
import type { Row } from '@/api/records';
import type { components } from '@/api/schema';
import { cleaned, type Step } from './plan';

type Rule = components['schemas']['Rule'];
type Flow = components['schemas']['Flow'];
export type Plural = 'rules' | 'flows';
export type Trigger = NonNullable<Rule['trigger']>;

/** Fields that people write, of either. */
export interface Draft {
  name: string;
  department: string;
  kind: string;
  note: string;
  steps: Step[];
  trigger: Trigger;
  fact: string;
  change: NonNullable<Rule['change']>;
  fields: string[];
  condition: string;
  before: string;
  field: string;
  after: string;
  every: string;
  first_at: string;
  exit: string;
}

export const emptyDraft = (plural: Plural, department: string): Draft => ({
  name: '',
  department,
  kind: 'customer',
  note: '',
  steps: [],
  trigger: plural === 'rules' ? 'change' : 'fact',
  fact: '',
  change: 'created',
  fields: [],
  condition: '',
  before: '',
  field: 'created_at',
  after: '1d',
  every: '1d',
  first_at: '',
  exit: '',
});

export function draftOf(plural: Plural, row: Row): Draft {
  const said = row as unknown as Rule & Flow;
  const empty = emptyDraft(plural, 'sales');
  return {
    ...empty,
    name: said.name ?? '',
    department: said.department ?? '',
    kind: said.kind ?? '',
    note: said.note ?? '',
    steps: said.plan?.steps ?? [],
    trigger: said.trigger ?? 'fact',
    fact: said.fact ?? '',
    change: said.change ?? 'any',
    fields: said.fields ?? [],
    condition: said.condition ?? '',
    before: said.before ?? '',
    field: said.field ?? empty.field,
    after: said.after ?? '',
    every: said.every ?? empty.every,
    first_at: said.first_at ?? '',
    exit: said.exit ?? '',
  };
}

const ofTrigger: Record<Trigger, readonly (keyof Draft)[]> = {
  fact: ['fact'],
  change: ['change', 'fields', 'before'],
  moment: ['field', 'after'],
  schedule: ['every', 'first_at'],
};
const everyTrigger = Object.values(ofTrigger).flat();

/** As the API takes it: what the trigger does not ask is taken away (null). */
export function bodyOf(plural: Plural, draft: Draft): Record<string, unknown> {
  const { name, department, kind, note, steps } = draft;
  const common = { name, department, kind, note: note || null, plan: { steps: steps.map(cleaned) } };
  if (plural === 'flows') return { ...common, exit: draft.exit || null };
  const wanted = new Set(ofTrigger[draft.trigger]);
  const parts = everyTrigger.map((part) => {
    const value = draft[part];
    const isEmpty = value === '' || (Array.isArray(value) && value.length === 0);
    return [part, wanted.has(part) && !isEmpty ? value : null] as const;
  });
  return {
    ...common,
    trigger: draft.trigger,
    condition: draft.condition || null,
    ...Object.fromEntries(parts),
  };
}

/** Of a body, what differs from the one that is saved. */
export function changesOf(plural: Plural, from: Draft, to: Draft): Record<string, unknown> {
  const before = bodyOf(plural, from);
  return Object.fromEntries(
    Object.entries(bodyOf(plural, to)).filter(
      ([part, value]) => JSON.stringify(value) !== JSON.stringify(before[part]),
    ),
  );
}

/** Without what is null: a new record has nothing to take away. */
export const creationOf = (plural: Plural, draft: Draft) =>
  Object.fromEntries(Object.entries(bodyOf(plural, draft)).filter(([, value]) => value !== null));
