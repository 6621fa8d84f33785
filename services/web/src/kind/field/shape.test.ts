// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Field } from '@/api/kinds';
import { conditionOf, questionsOf } from '../filter/operators';
import { countries, languages } from './codes';
import { elementShape, isFigure, isSummed } from './shape';
import { valueAsText } from './Value';

const probability: Field = { name: 'probability', type: 'uint', meaning: 'percent' };
const language: Field = { name: 'language', type: 'text', meaning: 'language' };
const kept: Field = { name: 'older_than_days', type: 'uint', meaning: 'days' };

test('what a field means says how its value is read', () => {
  expect(valueAsText(probability, 40)).toBe('40%');
  expect(valueAsText(probability, 0)).toBe('0%');
  expect(valueAsText(language, 'de')).toBe('German');
  expect(valueAsText(kept, 30)).toBe('30 days');
  expect(valueAsText({ name: 'of', type: 'text', meaning: 'kind' }, 'custom_field')).toBe('Custom field');
});

test('a percentage stands as a figure, and no sum of it is offered', () => {
  expect(isFigure(elementShape(probability))).toBe(true);
  expect(isSummed(elementShape(probability))).toBe(false);
  expect(isSummed('money')).toBe(true);
});

test('a percentage is compared by its size, a language is one of a list', () => {
  expect(questionsOf(probability).map((one) => one.id)).toContain('least');
  const least = questionsOf(probability).find((one) => one.id === 'least');
  expect(least && conditionOf(probability, least, '40')).toMatchObject({ value: '40', quoted: false });
  expect(questionsOf(language).map((one) => one.id)).toEqual(['is', 'isNot', 'set', 'unset']);
});

test('codes are offered once each, and no old ones', () => {
  expect(new Set(languages).size).toBe(languages.length);
  expect(languages.length).toBeGreaterThan(150);
  for (const old of ['iw', 'in', 'ji', 'mo', 'xx']) expect(languages).not.toContain(old);
  expect(countries).not.toContain('EU');
});
