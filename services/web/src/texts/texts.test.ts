// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { defineTexts, filled, setLanguage } from '.';

test('values stand in their places, and a count chooses its form', () => {
  const words = {
    hi: 'Hi {{ name }}, {{name}}!',
    left_one: '{{count}} is left',
    left_other: '{{count}} are left',
  };
  expect(filled(words, 'en', 'hi', { name: 'Ada $& {{name}}' })).toBe('Hi Ada $& {{name}}, Ada $& {{name}}!');
  expect([0, 1, 2, 1.5].map((count) => filled(words, 'en', 'left', { count }))).toEqual([
    '0 are left',
    '1 is left',
    '2 are left',
    '1.5 are left',
  ]);
  expect(filled(words, 'en', 'nothing')).toBeUndefined();
});

test('texts follow the language', () => {
  const { texts } = defineTexts('texts.test', { en: { lamp: 'Lamp' }, de: { lamp: 'Lampe' } });
  expect(texts('lamp')).toBe('Lamp');
  setLanguage('de');
  expect(texts('lamp')).toBe('Lampe');
  setLanguage('en');
  expect(texts('lamp')).toBe('Lamp');
});
