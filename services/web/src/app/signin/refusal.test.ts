// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { ApiError, OfflineError } from '@/api/problem';
import { refusalOf } from './refusal';

test('a refusal that the directory is the reason of says so', () => {
  expect(refusalOf(new ApiError(503, { code: 'directory-fails' }), true)).toBe('directoryFails');
  expect(refusalOf(new ApiError(403, { code: 'no-group' }), true)).toBe('noGroup');
  expect(refusalOf(new ApiError(403, { code: 'account-is-closed' }), false)).toBe('accountIsClosed');
});

test('what does not fit is told by what people sign in with', () => {
  expect(refusalOf(new ApiError(401, {}), false)).toBe('wrong');
  expect(refusalOf(new ApiError(401, { code: 'second-factor' }), true)).toBe('wrongName');
});

test('what fails for other reasons says what it says everywhere', () => {
  expect(refusalOf(new ApiError(503, {}), true)).toBeUndefined();
  expect(refusalOf(new ApiError(429, { code: 'toString' }), true)).toBeUndefined();
  expect(refusalOf(new OfflineError(), true)).toBeUndefined();
  expect(refusalOf(undefined, true)).toBeUndefined();
});
