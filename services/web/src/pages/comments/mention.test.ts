// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { mentionAt, mentioned, withMention } from './mention';

test('an @ that begins a word is a mention up to the caret, one within an address is none', () => {
  expect(mentionAt('Hi @Jö', 6)).toEqual({ from: 3, name: 'Jö' });
  expect(mentionAt('@', 1)).toEqual({ from: 0, name: '' });
  expect(mentionAt('@Ada Lo', 7)).toEqual({ from: 0, name: 'Ada Lo' });
  expect(mentionAt('mail me@example', 15)).toBeUndefined();
  expect(mentionAt('@Ada said so', 12)).toBeUndefined();
});

test('who was picked stands in the text, and who was taken out again is not mentioned', () => {
  const next = withMention('Hi @Jö!', 3, 6, 'Jörg Groß');
  expect(next).toEqual({ text: 'Hi @Jörg Groß !', caret: 14 });
  const people = [
    { id: '1', name: 'Jörg Groß' },
    { id: '2', name: 'Ada' },
  ];
  expect(mentioned(next.text, people)).toEqual(['1']);
});
