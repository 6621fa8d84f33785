// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { neighboursOf, rememberList, searchOfList } from './neighbours';

test('next and previous follow the list that a record was opened from, and so does the way back', () => {
  rememberList('deals', ['1', '2', '3'], '2', { view: 'v', peek: '2', create: undefined });
  expect(neighboursOf('deals', '2')).toEqual({ at: 1, of: 3, previous: '1', next: '3' });
  expect(neighboursOf('deals', '3')).toEqual({ at: 2, of: 3, previous: '2' });
  expect(neighboursOf('tickets', '2')).toEqual({});
  expect(neighboursOf('deals', '4')).toEqual({});
  expect(searchOfList('deals')).toEqual({ view: 'v' });
  expect(searchOfList('tickets')).toEqual({});
});

test('of a long list those around the opened record are kept', () => {
  const ids = Array.from({ length: 5000 }, (_, at) => String(at));
  rememberList('deals', ids, '3000');
  expect(neighboursOf('deals', '3000')).toMatchObject({ previous: '2999', next: '3001' });
  expect(neighboursOf('deals', '10')).toEqual({});
});
