// SPDX-License-Identifier: Apache-2.0
// What the page of a record needs beside the record, fetched before somebody opens one.
import type { QueryClient } from '@tanstack/react-query';
import type { KindBook } from '@/api/kinds';
import { plansQuery } from './layout';
import { fetchPanels } from './panels';
import './RecordPage';

export const makeReady = (client: QueryClient, book: KindBook, plural: string): Promise<unknown> =>
  Promise.all([
    import('@/app/styles/rest'),
    fetchPanels(plural),
    book.byPlural('page_layouts') && client.prefetchQuery(plansQuery),
  ]);
