// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isAnswered, planOf } from './plan';

const files = new Set(['/assets/Board-1a2b3c4d.js', '/scheme.js']);
const plan = (path: string, more: { method?: string; mode?: string } = {}) =>
  planOf(
    { method: 'GET', mode: 'cors', url: new URL(path, 'http://here:1').href, ...more },
    'http://here:1',
    files,
  );

test('files of the app are kept, and nothing else is', () => {
  expect(plan('/assets/Board-1a2b3c4d.js')).toBe('kept');
  expect(plan('/scheme.js')).toBe('kept');
  expect(plan('/assets/Board-99999999.js')).toBe('node'); // of another version
});

test('whoever goes to a page gets one, whatever its address', () => {
  expect(plan('/deals/5?view=7', { mode: 'navigate' })).toBe('page');
  expect(plan('/', { mode: 'navigate' })).toBe('page');
});

test('what people read and write is between them and the node', () => {
  expect(plan('/api/v1/customers')).toBe('node');
  expect(plan('/api/v1/events')).toBe('node');
  expect(plan('/api/v1/session/providers/1', { mode: 'navigate' })).toBe('node');
  expect(plan('/metrics', { mode: 'navigate' })).toBe('node');
  expect(plan('/scheme.js', { method: 'HEAD' })).toBe('node');
  expect(plan('http://there:1/assets/Board-1a2b3c4d.js')).toBe('node');
});

test('a proxy without a node is no answer, a page that is not there is one', () => {
  expect([200, 304, 404, 500].every(isAnswered)).toBe(true);
  expect([502, 503, 504].some(isAnswered)).toBe(false);
});
