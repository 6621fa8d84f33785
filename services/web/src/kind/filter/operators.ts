// SPDX-License-Identifier: Apache-2.0
// What can be asked of a field, in words of people; each stands for an operator of the language.
import type { Field } from '@/api/kinds';
import { elementShape, isFigure, type Shape } from '../field/shape';
import type { texts } from '../texts';
import { bareOrQuoted, type Condition, condition, type Operator } from './model';

type Text = Parameters<typeof texts>[0];

export interface Question {
  id: string;
  text: Text;
  /** What is typed behind it. */
  asks: 'value' | 'days' | 'nothing';
  operator: Operator;
  not?: boolean;
  /** From what was typed to what the language says. */
  say?: (typed: string) => Pick<Condition, 'value' | 'quoted'>;
  /** From a condition to what was typed; undefined: the condition is not of this question. */
  read?: (condition: Condition) => string | undefined;
}

const fixed = (value: string): Pick<Question, 'say' | 'read'> => ({
  say: () => ({ value, quoted: false }),
  read: (one) => (one.value === value && !one.quoted ? '' : undefined),
});

const isSet: Question[] = [
  { id: 'set', text: 'isSet', asks: 'nothing', operator: ':', ...fixed('*') },
  { id: 'unset', text: 'isNotSet', asks: 'nothing', operator: ':', not: true, ...fixed('*') },
];
const equal: Question[] = [
  { id: 'is', text: 'is', asks: 'value', operator: '=' },
  { id: 'isNot', text: 'isNot', asks: 'value', operator: '!=' },
];
const has: Question[] = [
  { id: 'has', text: 'contains', asks: 'value', operator: ':' },
  { id: 'hasNot', text: 'containsNot', asks: 'value', operator: ':', not: true },
];
const sizes: Question[] = [
  { id: 'least', text: 'atLeast', asks: 'value', operator: '>=' },
  { id: 'most', text: 'atMost', asks: 'value', operator: '<=' },
  { id: 'more', text: 'more_than', asks: 'value', operator: '>' },
  { id: 'less', text: 'less', asks: 'value', operator: '<' },
];
const days = (sign: '-' | '+'): Pick<Question, 'say' | 'read'> => ({
  say: (typed) => {
    const count = Number.parseInt(typed, 10);
    return { value: count >= 0 ? `now ${sign} ${count}d` : '', quoted: false };
  },
  read: (one) => (one.value === '' ? '' : new RegExp(`^now \\${sign} (\\d+)d$`).exec(one.value)?.[1]),
});
const times: Question[] = [
  { id: 'last', text: 'inLast', asks: 'days', operator: '>', ...days('-') },
  { id: 'next', text: 'inNext', asks: 'days', operator: '<', ...days('+') },
  { id: 'from', text: 'from', asks: 'value', operator: '>=' },
  { id: 'to', text: 'to', asks: 'value', operator: '<=' },
];
const bool: Question[] = [
  { id: 'true', text: 'true', asks: 'nothing', operator: '=', ...fixed('true') },
  { id: 'false', text: 'false', asks: 'nothing', operator: '=', ...fixed('false') },
];

const byShape: Partial<Record<Shape, Question[]>> = {
  bool,
  number: [...equal, ...sizes, ...isSet],
  decimal: [...equal, ...sizes, ...isSet],
  percent: [...equal, ...sizes, ...isSet],
  measure: [...equal, ...sizes, ...isSet],
  duration: [...sizes, ...isSet],
  money: [...sizes, ...isSet],
  instant: [...times, ...isSet],
  date: [...times, ...isSet],
  enum: [...equal, ...isSet],
  reference: [...equal, ...isSet],
  country: [...equal, ...isSet],
  currency: [...equal, ...isSet],
  language: [...equal, ...isSet],
  kind: [...equal, ...isSet],
};

export function questionsOf(field: Field): Question[] {
  const shape = elementShape(field);
  if (field.repeated) return [...has, ...isSet];
  return byShape[shape] ?? [...has, ...equal, ...isSet];
}

/** The question that a condition is, with what was typed; undefined: the builder has none for it. */
export function questionOf(field: Field, one: Condition): { question: Question; typed: string } | undefined {
  // Those with a value of their own first: "is set" is a "contains" of anything.
  const questions = [...questionsOf(field)].sort((a, b) => Number(!a.read) - Number(!b.read));
  for (const question of questions) {
    if (question.operator !== one.operator || !!question.not !== one.not) continue;
    if (!question.read) return { question, typed: one.value };
    const typed = question.read(one);
    if (typed !== undefined) return { question, typed };
  }
  return undefined;
}

/** Of a set of objects the words are looked for in what tells its elements apart: emails.value. */
export const pathOf = (field: Field): string =>
  field.repeated && field.type === 'object' && field.key ? `${field.name}.${field.key}` : field.name;

export const conditionOf = (field: Field, question: Question, typed: string): Condition =>
  condition(pathOf(field), question.operator, '', {
    ...(question.say ? question.say(typed) : typedValue(field, typed)),
    not: !!question.not,
  });

/** Text in quotes, since it may be anything; names, numbers and instants bare, as people would write them. */
function typedValue(field: Field, typed: string): Pick<Condition, 'value' | 'quoted'> {
  const shape = elementShape(field);
  if (isFigure(shape)) return { value: typed, quoted: false };
  if (shape === 'enum') return bareOrQuoted(typed);
  return { value: typed, quoted: true };
}
