// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { listQuery } from './records';

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
