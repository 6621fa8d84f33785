// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { KeyReader, type Pressed, strokeOf } from './keys';

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  mod: false,
  alt: false,
  shift: false,
  typing: false,
  ...more,
});
const bindings = ['mod+k', 'g d', 'g c', 'd', '?', 'shift+f', 'escape', 'space'].map((keys) => ({
  keys,
  what: keys,
}));

test('a press is written as a definition is', () => {
  expect(strokeOf(press('K', { mod: true }))).toBe('mod+k');
  expect(strokeOf(press('?', { shift: true }))).toBe('?');
  expect(strokeOf(press('F', { shift: true }))).toBe('shift+f');
  expect(strokeOf(press(' '))).toBe('space');
});

test('sequences are read within their time, single keys at once', () => {
  const reader = new KeyReader<string>();
  expect(reader.read(bindings, press('g'), 0)).toBeUndefined();
  expect(reader.read(bindings, press('d'), 300)).toBe('g d');
  expect(reader.read(bindings, press('d'), 400)).toBe('d');
  expect(reader.read(bindings, press('g'), 1000)).toBeUndefined();
  expect(reader.read(bindings, press('d'), 5000)).toBe('d');
});

test('a key that ends no sequence counts for itself', () => {
  const reader = new KeyReader<string>();
  reader.read(bindings, press('g'), 0);
  expect(reader.read(bindings, press('?', { shift: true }), 10)).toBe('?');
});

test('no key fires while somebody types, except with mod', () => {
  const reader = new KeyReader<string>();
  expect(reader.read(bindings, press('d', { typing: true }), 0)).toBeUndefined();
  expect(reader.read(bindings, press('k', { typing: true, mod: true }), 1)).toBe('mod+k');
  reader.read(bindings, press('g'), 2);
  reader.read(bindings, press('c', { typing: true }), 3);
  expect(reader.read(bindings, press('c'), 4)).toBeUndefined();
});

test('of two that say the same keys the later wins', () => {
  const reader = new KeyReader<string>();
  expect(reader.read([...bindings, { keys: 'd', what: 'later' }], press('d'), 0)).toBe('later');
});
