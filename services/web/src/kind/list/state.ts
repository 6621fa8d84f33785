// SPDX-License-Identifier: Apache-2.0
// What a list shows: a saved view, and what the address says otherwise. So a link shows the same
// list to somebody else, and going back undoes a filter.
import type { Kind } from '@/api/kinds';
import type { SavedView } from '@/app/shell/favourites';
import { defaultColumns, listFields } from '../field/shape';

export interface ListState {
  filter: string;
  /** "name", "close_at desc", empty: by creation. */
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

export const isDirty = (base: ListState, state: ListState) =>
  Object.keys(searchOf(base, { ...state, archived: false })).length > 0;

export interface Order {
  field: string;
  desc: boolean;
}
export const readOrder = (text: string): Order | undefined => {
  const [field, word] = text.split(' ');
  return field ? { field, desc: word === 'desc' } : undefined;
};
export const printOrder = (order: Order | undefined) =>
  order ? `${order.field}${order.desc ? ' desc' : ''}` : '';

/** A click on a head: lowest first, highest first, not ordered. */
export function nextOrder(now: Order | undefined, field: string): Order | undefined {
  if (now?.field !== field) return { field, desc: false };
  return now.desc ? undefined : { field, desc: true };
}
