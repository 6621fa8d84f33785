// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { shareOf } from './size';

test('a share is never more than all', () => {
  expect(shareOf(1, 4)).toBe(0.25);
  expect(shareOf(0, 0)).toBe(0);
  expect(shareOf(5, 4)).toBe(1);
});
