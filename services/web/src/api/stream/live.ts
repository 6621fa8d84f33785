// SPDX-License-Identifier: Apache-2.0
// Keeps the query cache in step with the stream. A query says in `meta.live` what it depends on; an
// event about that makes it read again. Lists first take in what the event says, so a change of
// somebody else is on the screen before the answer is.
import type { Query, QueryClient } from '@tanstack/react-query';
import type { KindBook } from '../kinds';
import { type Page, patched, placeRow, type Row } from '../records';
import type { Told } from './hub';

/** Any of these that an event touches makes the query old. */
export interface Live {
  /** Plurals: any record of these kinds. */
  kinds?: string[];
  /** Ids. */
  record?: string;
  /** Anything about this customer, of any kind. */
  customer?: string;
}

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: { live?: Live };
  }
}

/** What a batch of events touches, as sets, so that each query is looked at once. */
export interface Touched {
  kinds: Set<string>;
  records: Set<string>;
  customers: Set<string>;
}

export function touchedBy(events: Told[], book: KindBook | undefined): Touched {
  const touched: Touched = { kinds: new Set(), records: new Set(), customers: new Set() };
  for (const event of events) {
    if (event.customer) touched.customers.add(event.customer);
    for (const change of event.changes) {
      touched.kinds.add(book?.byName(change.kind)?.plural ?? change.kind);
      touched.records.add(change.record);
    }
  }
  return touched;
}

export function isTouched(live: Live | undefined, touched: Touched): boolean {
  if (!live) return false;
  return (
    (live.kinds?.some((kind) => touched.kinds.has(kind)) ?? false) ||
    (live.record !== undefined && touched.records.has(live.record)) ||
    (live.customer !== undefined && touched.customers.has(live.customer))
  );
}

/** A list of this many pages is not read anew by itself: its rows are kept fresh one by one. */
const PAGES_MAX = 5;

export const isLongList = (query: Query): boolean => {
  const data = query.state.data as { pages?: Page[] } | undefined;
  return query.queryKey[0] === 'list' && (data?.pages?.length ?? 0) > PAGES_MAX;
};

/** Plain values that an event wrote; elements of sets come singly, so those wait for the answer. */
export function plainWrites(book: KindBook, change: Told['changes'][number]): Partial<Row> {
  const kind = book.byName(change.kind);
  const plain: Partial<Row> = {};
  for (const [name, value] of Object.entries(change.set ?? {})) {
    const field = kind?.fields.find((one) => one.name === name);
    if (field && !field.repeated && field.type !== 'object') plain[name] = value;
  }
  return plain;
}

const REFRESH_MS = 250;

/** Called with each batch of events. */
export function keepLive(client: QueryClient, book: () => KindBook | undefined) {
  let waiting: Told[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = () => {
    timer = undefined;
    const touched = touchedBy(waiting, book());
    waiting = [];
    void client.invalidateQueries({
      predicate: (query) => isTouched(query.meta?.live, touched) && !isLongList(query),
    });
  };
  const place = (change: Told['changes'][number]) => {
    const known = book();
    const plural = known?.byName(change.kind)?.plural;
    if (!known || !plural || !change.set) return;
    const plain = plainWrites(known, change);
    placeRow(client, plural, change.record, (row) => patched(row, plain));
  };
  return (events: Told[]) => {
    for (const event of events) event.changes.forEach(place);
    waiting.push(...events);
    if (timer === undefined) timer = setTimeout(refresh, REFRESH_MS);
  };
}
