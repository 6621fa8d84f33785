// SPDX-License-Identifier: Apache-2.0
// Everything that a list page knows: kind, view, address, rows.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Field, Kind } from '@/api/kinds';
import { useKinds } from '@/api/kinds';
import { type ListQuestion, listQuery, type Row } from '@/api/records';
import { prefer, usePreferences } from '@/app/preferences';
import { type SavedView, useViews } from '@/app/shell/favourites';
import { isStaged } from '../board/staged';
import { allFields } from '../field/shape';
import { inGroups, ordered } from './groups';
import {
  askedOrder,
  baseState,
  isBare,
  isDirty,
  isOrderable,
  type ListState,
  listState,
  readOrder,
  type Search,
  searchOf,
} from './state';

/** Widths and the like of lists, kept in this browser as JSON by plural. */
export interface ListLook {
  columns?: string[];
  widths?: Record<string, number>;
  sums?: string[];
  layout?: string;
  /** Cards of the board show their name only. */
  compact?: boolean;
  /** The view that the list opens with. */
  view?: string;
}

export function useLook(plural: string): [ListLook, (change: Partial<ListLook>) => void] {
  const { lists } = usePreferences();
  const look = useMemo((): ListLook => {
    try {
      return JSON.parse(lists[plural] ?? '{}') as ListLook;
    } catch {
      return {};
    }
  }, [lists, plural]);
  const set = (change: Partial<ListLook>) =>
    prefer({ lists: { ...lists, [plural]: JSON.stringify({ ...look, ...change }) } });
  return [look, set];
}

export interface List {
  kind: Kind;
  view: SavedView | undefined;
  views: SavedView[];
  base: ListState;
  state: ListState;
  isDirty: boolean;
  search: Search;
  /** Puts another state into the address. */
  set: (change: Partial<ListState>) => void;
  /** Another view, or none; the address then says nothing else. */
  open: (view: string | undefined) => void;
  /** Parameters beside the state: peek, create. */
  say: (change: Search) => void;
  rows: Row[];
  /** What is asked of the node, without pages and order: all that the list shows. */
  question: ListQuestion;
  columns: Field[];
  /** All rows are here. */
  isWhole: boolean;
  isPending: boolean;
  isFetchingMore: boolean;
  error: unknown;
  more: () => void;
}

export function useListState(kind: Kind) {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const allViews = useViews();
  const views = allViews.filter((view) => view.of === kind.plural);
  const [look] = useLook(kind.plural);
  // "-" says none. What a link says of a list is meant for all of its records.
  const asked = search.view ?? (isBare(search) ? look.view : undefined);
  const view = views.find((one) => one.id === asked);
  const book = useKinds();
  const layout = look.layout ?? (isStaged(kind, (plural) => book.byPlural(plural)) ? 'board' : 'table');
  const base = useMemo(() => baseState(kind, view, look.columns, layout), [kind, view, look.columns, layout]);
  const state = useMemo(() => listState(kind, base, search), [kind, base, search]);
  const go = (next: Search, replace: boolean) => void navigate({ to: '.', search: next as never, replace });
  const beside = (): Search => ({
    ...(view ? { view: view.id } : search.view ? { view: search.view } : {}),
    ...(search.peek ? { peek: search.peek } : {}),
    ...(search.customer ? { customer: search.customer } : {}),
    ...(search.pipeline ? { pipeline: search.pipeline } : {}),
  });
  return {
    view,
    views,
    base,
    state,
    search,
    isDirty: isDirty(base, state),
    set: (change: Partial<ListState>) =>
      go({ ...beside(), ...searchOf(base, { ...state, ...change }) }, false),
    open: (id: string | undefined) => go(id ? { view: id } : look.view ? { view: '-' } : {}, false),
    say: (change: Search) => {
      const next = { ...search, ...change };
      for (const name of Object.keys(next)) if (next[name] === undefined) delete next[name];
      go(next, true);
    },
  };
}

export function useList(plural: string): List {
  const kind = useKinds().byPlural(plural) as Kind;
  const here = useListState(kind);
  const { state, search } = here;
  const orders = useMemo(() => readOrder(state.order), [state.order]);
  const fields = useMemo(() => allFields(kind), [kind]);
  const group = fields.find((field) => field.name === state.group);
  // Groups come together when the node walks that field first.
  const isWalked = !!group?.indexed && !group.repeated && orders[0]?.field !== group.name;
  const asked = askedOrder(kind, orders);
  const order_by = [isWalked ? group.name : '', asked]
    .filter(Boolean)
    .join(',')
    .split(',')
    .slice(0, 3)
    .join();
  const question = useMemo(
    (): ListQuestion => ({
      ...(state.filter ? { filter: state.filter } : {}),
      ...(search.customer ? { customer: search.customer } : {}),
      ...(state.archived ? { show_archived: true } : {}),
    }),
    [state.filter, search.customer, state.archived],
  );
  const query = useInfiniteQuery({
    ...listQuery(plural, { ...question, ...(order_by ? { order_by } : {}) }),
    placeholderData: keepPreviousData,
    // A board reads its columns itself.
    enabled: state.layout !== 'board',
  });
  const read = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const isWhole = !query.hasNextPage && !query.isPending;
  const rows = useMemo(() => {
    const [first] = orders;
    const field = fields.find((one) => one.name === first?.field);
    // What the node does not order by is ordered here, once all of it is.
    const own = first && field && !isOrderable(kind, field) && isWhole;
    return inGroups(own ? ordered(read, field, first.desc) : read, group);
  }, [read, isWhole, kind, orders, fields, group]);
  return {
    kind,
    ...here,
    rows,
    question,
    columns: state.columns.flatMap((name) => fields.filter((field) => field.name === name)),
    isWhole,
    isPending: query.isPending,
    isFetchingMore: query.isFetchingNextPage,
    error: query.error,
    more: () => {
      if (query.hasNextPage && !query.isFetchingNextPage && !query.isError) void query.fetchNextPage();
    },
  };
}
