// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { listedRow, listQuery } from './records';

afterEach(() => vi.unstubAllGlobals());

test('a list goes on over answers without rows to the first that has some', async () => {
  // A node that looks at a few records for an answer, and finds one that fits behind three of those.
  const asked: (string | null)[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    const token = new URL(url, 'http://node').searchParams.get('page_token');
    asked.push(token);
    const at = Number(token ?? 0);
    const rows = at === 3 ? [{ id: 'found' }] : [];
    return new Response(
      JSON.stringify({ customers: rows, ...(at < 5 ? { next_page_token: `${at + 1}` } : {}) }),
    );
  });
  const client = new QueryClient();
  const query = listQuery('customers', { filter: 'name = "rare"' });
  const list = await client.fetchInfiniteQuery(query);
  expect(list.pages).toEqual([{ rows: [{ id: 'found' }], next: '4' }]);
  expect(asked).toEqual([null, '1', '2', '3']);
  const rest = await client.fetchInfiniteQuery({ ...query, pages: 2 });
  expect(rest.pages[1]).toEqual({ rows: [] });
});

test('a record is known from lists of now, not from what it was', () => {
  const client = new QueryClient();
  const place = (plural: string, question: object, name: string) =>
    client.setQueryData(['list', plural, question], {
      pages: [{ rows: [{ id: 'a', name }] }],
      pageParams: [],
    });
  place('customers', { as_of: '2020-01-01T00:00:00Z' }, 'then');
  place('deals', {}, 'of another kind');
  expect(listedRow(client, 'customers', 'a')).toBeUndefined();
  place('customers', { filter: 'x' }, 'now');
  expect(listedRow(client, 'customers', 'a')).toEqual({ id: 'a', name: 'now' });
  expect(listedRow(client, 'customers', 'b')).toBeUndefined();
});
