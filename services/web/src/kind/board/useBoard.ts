// SPDX-License-Identifier: Apache-2.0
// What a board reads: figures of all columns in one answer, and a list for each column.
import {
  type InfiniteData,
  keepPreviousData,
  notifyManager,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useCallback, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { aggregateQuery } from '@/api/aggregate';
import { useKinds } from '@/api/kinds';
import { allQuery, listQuery, type Page, type Row } from '@/api/records';
import { allFields } from '../field/shape';
import { quote } from '../filter/model';
import { printOrder, readOrder } from '../list/state';
import type { List } from '../list/useList';
import {
  type BoardColumn,
  boardsOf,
  columnFilter,
  columnsOf,
  type Group,
  type Moved,
  placed,
  stageNames,
  sumField,
  type Total,
  totalsOf,
} from './columns';
import type { BoardOf } from './staged';

const CARDS = 50;
/** By then lists have been read again after a move. */
const SETTLED_MS = 3000;
const none: Row[] = [];

export interface BoardState {
  boards: BoardOf[];
  board: BoardOf;
  pipelines: Row[];
  pipeline: Row | undefined;
  columns: BoardColumn[];
  questions: ReturnType<typeof listQuery>[];
  /** By column, in its order. */
  rows: Row[][];
  totals: Map<string, Total>;
  isPending: boolean;
  error: unknown;
  /** Says that a card was moved here; the answer takes it back. */
  noteMove: (row: Row, to: BoardColumn) => () => void;
}

/** Rows of the columns' lists as they stand in the cache, whoever changed them there. */
function useCached(questions: ReturnType<typeof listQuery>[]): Row[][] {
  const client = useQueryClient();
  const before = useRef<(InfiniteData<Page> | undefined)[]>([]);
  const read = () => {
    const now = questions.map((one) => client.getQueryData<InfiniteData<Page>>(one.queryKey));
    const same = now.length === before.current.length && now.every((one, at) => one === before.current[at]);
    if (!same) before.current = now;
    return before.current;
  };
  const subscribe = useCallback(
    (tell: () => void) => client.getQueryCache().subscribe(notifyManager.batchCalls(tell)),
    [client],
  );
  const data = useSyncExternalStore(subscribe, read);
  return useMemo(() => data.map((one) => one?.pages.flatMap((page) => page.rows) ?? none), [data]);
}

function usePipelines(board: BoardOf | undefined, chosen: string | undefined) {
  const plural = board?.stages?.plural;
  const {
    data: pipelines = none,
    isPending,
    error,
  } = useQuery({ ...allQuery(plural ?? ''), enabled: !!plural });
  const pipeline =
    pipelines.find((one) => one.id === chosen) ?? pipelines.find((one) => one.is_default) ?? pipelines[0];
  return { pipelines, pipeline, isPending: !!plural && isPending, error: pipelines.length ? null : error };
}

export function useBoard(list: List): BoardState | undefined {
  const { kind, state, search } = list;
  const book = useKinds();
  const boards = useMemo(() => boardsOf(kind, (plural) => book.byPlural(plural)), [kind, book]);
  const board = boards.find((one) => one.field.name === state.group) ?? boards[0];
  const { pipelines, pipeline, isPending, error } = usePipelines(board, search.pipeline);
  const filter = [
    ...(state.filter ? [`(${state.filter})`] : []),
    ...(board?.stages && pipeline && pipelines.length > 1
      ? [`${board.stages.reference.name} = ${quote(pipeline.id)}`]
      : []),
  ].join(' AND ');
  const sum = sumField(kind)?.name;
  const beside = {
    ...(search.customer ? { customer: search.customer } : {}),
    ...(state.archived ? { show_archived: true } : {}),
  };
  const question = {
    ...beside,
    group_by: [board?.field.name, board?.closing?.name].filter(Boolean).join(','),
    ...(sum ? { sum } : {}),
    ...(filter ? { filter } : {}),
  };
  const figures = useQuery({
    ...aggregateQuery(kind.plural, question),
    enabled: !!board && !isPending,
    placeholderData: keepPreviousData,
  });
  const groups = figures.data?.groups as Group[] | undefined;
  const columns = useMemo(
    () => (board ? columnsOf(board, stageNames(board, pipeline), groups ?? []) : []),
    [board, pipeline, groups],
  );
  const questions = columns.map((one) =>
    listQuery(kind.plural, {
      ...beside,
      filter: columnFilter(one, filter),
      ...(orderOf(list) ? { order_by: orderOf(list) } : {}),
      page_size: CARDS,
    }),
  );
  const cached = useCached(questions);
  // A card that was moved stays seen while one list has been read again and the other not yet.
  const [guests, setGuests] = useState<Row[]>([]);
  const rows = useMemo(() => placed(columns, [...cached, guests]), [columns, cached, guests]);
  const [moves, setMoves] = useState<Moved[]>([]);
  const noteMove = (row: Row, to: BoardColumn) => {
    const from = columns.find((_, at) => rows[at]?.some((one) => one.id === row.id))?.key;
    const move: Moved = { row, from, to: to.key, at: Date.now() };
    setMoves((now) => [...now.slice(-50), move]);
    const guest = { ...row, ...to.sets };
    const others = (now: Row[]) => now.filter((one) => one !== guest);
    setGuests((now) => [guest, ...now.filter((one) => one.id !== row.id)]);
    setTimeout(() => setGuests(others), SETTLED_MS);
    return () => {
      setMoves((now) => now.filter((one) => one !== move));
      setGuests(others);
    };
  };
  const totals = useMemo(
    () =>
      totalsOf(
        columns,
        groups ?? [],
        sum,
        moves.filter((move) => move.at > figures.dataUpdatedAt),
      ),
    [columns, groups, sum, moves, figures.dataUpdatedAt],
  );
  if (!board) return undefined;
  return {
    boards,
    board,
    pipelines,
    pipeline,
    columns,
    questions,
    rows,
    totals,
    isPending: isPending || figures.isPending,
    error: error ?? (figures.data ? null : figures.error),
    noteMove,
  };
}

/** The list's order, where the node can walk it. */
function orderOf({ kind, state }: List): string {
  const [first] = readOrder(state.order);
  const field = allFields(kind).find((one) => one.name === first?.field);
  return first && field?.indexed && !field.repeated ? printOrder([first]) : '';
}
