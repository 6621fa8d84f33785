// SPDX-License-Identifier: Apache-2.0
// What the node says of imports. They are its own and in no event, so they are asked for.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { fetchOrThrow, request, urlOf } from '@/api/client';
import type { components } from '@/api/schema';
import { beginningOf, type Format, mediaTypes, type Piece } from './file';

export type Import = components['schemas']['Import'];
export type Question = components['schemas']['ImportQuestion'];
export type Preview = components['schemas']['ImportPreview'];
export type Undone = components['schemas']['ImportUndo'];
export type Result = components['schemas']['ImportResult'];
type Results = components['schemas']['ImportResults'];

export const lists = ['created', 'updated', 'duplicates', 'failed'] as const;
export type List = (typeof lists)[number] | 'kept';

export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: async ({ signal }) =>
    (await request<{ imports?: Import[] }>('GET', 'imports', { signal })).imports ?? [],
});

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['import', id],
    queryFn: ({ signal }) => request<Import>('GET', `imports/${id}`, { signal }),
  });

export const resultsQuery = (id: string, list: List, count: number) =>
  infiniteQueryOptions({
    queryKey: ['import-results', id, list, count],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      request<Results>('GET', `imports/${id}/results`, {
        query: { list, page_size: 100, page_token: pageParam },
        signal,
      }),
    getNextPageParam: (last: Results) => last.next_page_token || undefined,
  });

export const ask = (question: Question) => request<Import>('POST', 'imports', { body: question });
export const askAnew = (id: string, question: Question) =>
  request<Import>('PATCH', `imports/${id}`, {
    body: question,
    headers: { 'Content-Type': 'application/json' },
  });
export const forget = (id: string) => request<void>('DELETE', `imports/${id}`);
export const undo = (id: string) => request<Undone>('POST', `imports/${id}:undo`);

async function post<T>(url: string, format: Format, body: Blob, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method: 'POST', headers: { 'Content-Type': mediaTypes[format] }, body };
  if (signal) init.signal = signal;
  return (await (await fetchOrThrow(url, init)).json()) as T;
}

export const look = async (id: string, format: Format, file: Blob, signal?: AbortSignal) =>
  post<Preview>(urlOf(`imports/${id}:preview`), format, await beginningOf(file), signal);

export const send = (id: string, format: Format, file: Blob, piece: Piece) =>
  post<Import>(
    urlOf(`imports/${id}:run`, { offset: piece.from, last: piece.last }),
    format,
    file.slice(piece.from, piece.to),
  );
