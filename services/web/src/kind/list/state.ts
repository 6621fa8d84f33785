// SPDX-License-Identifier: Apache-2.0
// What a list shows: a saved view, and what the address says otherwise. So a link shows the same
// list to somebody else, and going back undoes a filter.
import type { Field, Kind } from '@/api/kinds';
import type { SavedView } from '@/app/shell/favourites';
import { allFields, defaultColumns, listFields, shapeOf } from '../field/shape';

export interface ListState {
  filter: string;
  /** "name", "stage,close_at desc", empty: by creation. */
  order: string;
  columns: string[];
  group: string;
  layout: string;
  archived: boolean;
}

export type Search = Partial<Record<string, string>>;

const split = (text: string | undefined) => (text ? text.split(',').filter(Boolean) : undefined);

/** Without what the address says: of the view, or of a kind that nobody has arranged. */
export function baseState(
  kind: Kind,
  view: SavedView | undefined,
  mine: string[] | undefined,
  layout = 'table',
): ListState {
  const known = new Set(listFields(kind).map((field) => field.name));
  const columns = (split(view?.columns) ?? mine ?? defaultColumns(kind)).filter((name) => known.has(name));
  return {
    filter: view?.filter ?? '',
    order: view?.order_by ?? '',
    columns: columns.length ? columns : defaultColumns(kind),
    group: view?.group_by ?? '',
    layout: view ? view.layout || 'table' : layout,
    archived: false,
  };
}

/** The address over the base. "-" is the word for none, where the base has something. */
export function listState(kind: Kind, base: ListState, search: Search): ListState {
  const said = (name: string, otherwise: string) => {
    const value = search[name];
    return value === undefined ? otherwise : value === '-' ? '' : value;
  };
  const known = new Set(listFields(kind).map((field) => field.name));
  const columns = split(search.columns)?.filter((name) => known.has(name));
  return {
    filter: said('filter', base.filter),
    order: said('order', base.order),
    columns: columns?.length ? columns : base.columns,
    group: said('group', base.group),
    layout: said('layout', base.layout) || 'table',
    archived: search.archived === '1',
  };
}

/** What the address must say so that `state` comes out over `base`. */
export function searchOf(base: ListState, state: ListState): Search {
  const search: Search = {};
  for (const name of ['filter', 'order', 'group', 'layout'] as const)
    if (state[name] !== base[name]) search[name] = state[name] || '-';
  if (state.columns.join() !== base.columns.join()) search.columns = state.columns.join();
  if (state.archived) search.archived = '1';
  return search;
}

/** The address says nothing of what the list shows. */
export const isBare = (search: Search) =>
  ['filter', 'order', 'columns', 'group', 'layout', 'customer'].every((name) => search[name] === undefined);

export const isDirty = (base: ListState, state: ListState) =>
  Object.keys(searchOf(base, { ...state, archived: false })).length > 0;

export interface Order {
  field: string;
  desc: boolean;
}
/** As many levels as the node takes. */
export const mostOrders = 3;

export const readOrder = (text: string): Order[] =>
  text.split(',').flatMap((level) => {
    const [field, word] = level.trim().split(/\s+/);
    return field ? [{ field, desc: word === 'desc' }] : [];
  });
export const printOrder = (orders: readonly Order[]) =>
  orders.map(({ field, desc }) => (desc ? `${field} desc` : field)).join(',');

/** A click on a head: lowest first, highest first, not ordered. `adds`: below the levels that are there. */
export function nextOrder(now: readonly Order[], field: string, adds = false): Order[] {
  const mine = now.find((one) => one.field === field);
  const next = mine?.desc ? [] : [{ field, desc: !!mine }];
  if (!adds) return next;
  if (mine) return now.flatMap((one) => (one === mine ? next : [one]));
  return [...now, ...next].slice(0, mostOrders);
}

/** Whether the node orders by it in a way that says something to people: ids of records do not. */
export const isOrderable = (kind: Kind, field: Field): boolean =>
  !kind.in_log &&
  field.name !== 'updated_at' &&
  !field.reference &&
  !['set', 'paragraphs', 'object', 'id'].includes(shapeOf(field));

/** The levels that the node is asked for. */
export const askedOrder = (kind: Kind, orders: readonly Order[]): string =>
  printOrder(
    orders
      .filter((one) => allFields(kind).some((field) => field.name === one.field && isOrderable(kind, field)))
      .slice(0, mostOrders),
  );
