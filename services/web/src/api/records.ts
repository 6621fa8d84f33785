// SPDX-License-Identifier: Apache-2.0
// Records of any kind as queries that stay live. A key begins with what it holds, so that an event
// about a record finds it: ['list', plural, ...] and ['record', plural, id, ...].
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import { type Query, request } from './client';
import type { components } from './schema';

export type RecordMore = components['schemas']['RecordMore'];
export type ConcurrentValue = components['schemas']['ConcurrentValue'];
export type Written = components['schemas']['Written'];
export type Change = components['schemas']['Change'];

/** A record as JSON: its fields by name, as the kind says. */
export interface Row {
  id: string;
  version?: string;
  created_at?: string;
  updated_at?: string;
  conflicts?: Record<string, ConcurrentValue[]>;
  fields?: Record<string, Written>;
  [field: string]: unknown;
}

export interface Page {
  rows: Row[];
  next?: string;
}

export interface ListQuestion {
  filter?: string;
  order_by?: string;
  customer?: string;
  show_archived?: boolean;
  /** An instant: what they were then. */
  as_of?: string;
  page_size?: number;
}

export async function readPage(
  plural: string,
  question: ListQuestion,
  token?: string,
  signal?: AbortSignal,
): Promise<Page> {
  const query: Query = { ...question, page_token: token };
  const answer = await request<Record<string, unknown>>(
    'GET',
    plural,
    signal ? { query, signal } : { query },
  );
  const page: Page = { rows: (answer[plural] as Row[] | undefined) ?? [] };
  if (typeof answer.next_page_token === 'string') page.next = answer.next_page_token;
  return page;
}

/** The next page that has rows: of a filter that fits few, the node looks at so many records for an answer and no more. */
async function readRows(
  plural: string,
  question: ListQuestion,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Page> {
  let page = await readPage(plural, question, token, signal);
  while (!page.rows.length && page.next) page = await readPage(plural, question, page.next, signal);
  return page;
}

export const listQuery = (plural: string, question: ListQuestion = {}) =>
  infiniteQueryOptions({
    queryKey: ['list', plural, question],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => readRows(plural, { page_size: 100, ...question }, pageParam, signal),
    getNextPageParam: (last: Page) => last.next,
    meta: { live: { kinds: [plural] } },
  });

/** All that fit, up to `most`: for choices and small kinds. */
export const allQuery = (plural: string, question: ListQuestion = {}, most = 1000) =>
  queryOptions({
    queryKey: ['all', plural, question, most],
    queryFn: async ({ signal }) => {
      const rows: Row[] = [];
      let token: string | undefined;
      do {
        const page = await readPage(plural, { page_size: 200, ...question }, token, signal);
        rows.push(...page.rows);
        token = page.next;
      } while (token && rows.length < most);
      return rows;
    },
    meta: { live: { kinds: [plural] } },
  });

export const recordQuery = (plural: string, id: string) =>
  queryOptions({
    queryKey: ['record', plural, id],
    queryFn: ({ signal }) => request<Row>('GET', `${plural}/${id}`, { signal }),
    meta: { live: { record: id, customer: id } },
  });

/** What a list that was read shows of a record: it is drawn from that until the node has answered. */
export const listedRow = (client: QueryClient, plural: string, id: string): Row | undefined => {
  for (const [[, , question], list] of client.getQueriesData<InfiniteData<Page>>({
    queryKey: ['list', plural],
  })) {
    // What it was then is not what it is.
    if ((question as ListQuestion).as_of) continue;
    for (const page of list?.pages ?? []) {
      const row = page.rows.find((one) => one.id === id);
      if (row) return row;
    }
  }
  return undefined;
};

export const historyQuery = (plural: string, id: string, field?: string) =>
  infiniteQueryOptions({
    queryKey: ['history', plural, id, field],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      request<{ changes: Change[]; next_page_token?: string }>('GET', `${plural}/${id}/history`, {
        query: { field, page_size: 20, page_token: pageParam },
        signal,
      }),
    getNextPageParam: (last: { next_page_token?: string }) => last.next_page_token,
    meta: { live: { record: id } },
  });

/** All changes of a record, newest first, as far as they are in the log; of very many the newest. */
export const changesQuery = (plural: string, id: string) =>
  queryOptions({
    queryKey: ['changes', plural, id],
    queryFn: async ({ signal }) => {
      const changes: Change[] = [];
      let token: string | undefined;
      do {
        const page = await request<{ changes: Change[]; next_page_token?: string }>(
          'GET',
          `${plural}/${id}/history`,
          { query: { page_size: 200, page_token: token }, signal },
        );
        changes.push(...page.changes);
        token = page.next_page_token;
      } while (token && changes.length < 1000);
      return changes;
    },
    meta: { live: { record: id } },
  });

/** Puts what is known of a record into everything that shows it. */
export function placeRow(client: QueryClient, plural: string, id: string, change: (row: Row) => Row) {
  client.setQueryData<Row>(['record', plural, id], (row) => row && change(row));
  client.setQueriesData<InfiniteData<Page>>({ queryKey: ['list', plural] }, (list) =>
    list?.pages.some((page) => page.rows.some((row) => row.id === id))
      ? {
          ...list,
          pages: list.pages.map((page) => ({
            ...page,
            rows: page.rows.map((row) => (row.id === id ? change(row) : row)),
          })),
        }
      : list,
  );
  client.setQueriesData<Row[]>({ queryKey: ['all', plural] }, (rows) =>
    rows?.some((row) => row.id === id) ? rows.map((row) => (row.id === id ? change(row) : row)) : rows,
  );
}

/** RFC 7396 on a record: null takes a field away. */
export function patched(row: Row, patch: Record<string, unknown>): Row {
  const next: Row = { ...row };
  for (const [name, value] of Object.entries(patch))
    if (value === null) delete next[name];
    else next[name] = value;
  return next;
}
