// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Field } from '@/api/kinds';
import { group, parseFilter, printFilter } from './model';
import { conditionOf, questionOf, questionsOf } from './operators';

const fields: Field[] = [
  { name: 'name', type: 'text' },
  { name: 'tags', type: 'text', repeated: true },
  { name: 'emails', type: 'object', repeated: true, key: 'value', fields: [{ name: 'value', type: 'text' }] },
  { name: 'state', type: 'enum', values: ['open', 'won'] },
  { name: 'owner', type: 'bytes', reference: 'users' },
  { name: 'at', type: 'int', meaning: 'instant' },
  { name: 'on', type: 'bool' },
  { name: 'count', type: 'uint' },
];

test('each question of each field is found again in the text that it makes', () => {
  for (const field of fields)
    for (const question of questionsOf(field)) {
      const typed = question.asks === 'nothing' ? '' : question.asks === 'days' ? '30' : '7';
      const text = printFilter(group([conditionOf(field, question, typed)]));
      const read = parseFilter(text).items[0];
      if (read?.type !== 'condition') throw new Error(text);
      const found = questionOf(field, read);
      expect([field.name, found?.question.id, found?.typed]).toEqual([field.name, question.id, typed]);
    }
});

test('of a set of objects, words are looked for in what tells its elements apart', () => {
  const emails = fields[2] as Field;
  const has = questionsOf(emails)[0];
  if (!has) throw new Error('no question');
  expect(printFilter(group([conditionOf(emails, has, 'example.com')]))).toBe('emails.value:"example.com"');
});

test('a question that nobody has answered yet is found again, and says no value', () => {
  for (const field of fields)
    for (const question of questionsOf(field).filter((one) => one.asks !== 'nothing')) {
      const asked = conditionOf(field, question, '');
      expect([field.name, question.id, asked.value]).toEqual([field.name, question.id, '']);
      expect(questionOf(field, asked)).toEqual({ question, typed: '' });
    }
  // And is offered in the same place as before.
  expect(questionsOf(fields[3] as Field).map((one) => one.id)).toEqual(['is', 'isNot', 'set', 'unset']);
});
