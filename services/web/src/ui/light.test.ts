// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { faceColorOf, initialsOf } from './light';

test('initials are those of the first two words, whole letters of any script', () => {
  expect(initialsOf('Ada Lovelace')).toBe('AL');
  expect(initialsOf('  ada-maria  lovelace')).toBe('AM');
  expect(initialsOf('Ada')).toBe('AD');
  expect(initialsOf('𝒜da 𝓛ove')).toBe('𝒜𝓛');
  expect(initialsOf('')).toBe('');
  expect(initialsOf('---')).toBe('');
});

test('a name has one colour', () => {
  expect(faceColorOf('Ada')).toBe(faceColorOf('Ada'));
  expect(new Set(['Ada', 'Bob', 'Cem', 'Dora', 'Eve', 'Finn', 'Gül'].map(faceColorOf)).size).toBeGreaterThan(
    2,
  );
  expect(faceColorOf('')).toBeTruthy();
});
