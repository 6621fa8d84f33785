// SPDX-License-Identifier: Apache-2.0
// What a board is made of: by which field, which columns, and where a record stands. Pure; found in the
// schema, so that no kind is known by name.
import type { Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { optionsOf } from '../field/choice';
import { shapeOf } from '../field/shape';
import { quote } from '../filter/model';
import { type BoardOf, type FindKind, stagesOf } from './staged';

export interface BoardColumn {
  key: string;
  /** The field of which this column is a value, and the value. */
  field: Field;
  value: string | null;
  /** What a record has that stands here; null: nothing. */
  sets: Record<string, string | null>;
}

/** The boards that a kind can be shown as; the first is what it opens with. */
export function boardsOf(kind: Kind, find: FindKind): BoardOf[] {
  const stages = stagesOf(kind, find);
  const choices = kind.fields.filter((field) => shapeOf(field) === 'enum' && optionsOf(field).length > 1);
  const rank = (field: Field) => (field.name === 'state' ? 0 : field.indexed ? 1 : 2);
  choices.sort((a, b) => rank(a) - rank(b));
  return [...stages, ...choices.map((field) => ({ field }))];
}

/** Names of stages in their order. */
export function stageNames(board: BoardOf, pipeline: Row | undefined): string[] {
  if (!board.stages) return [];
  const { set, key } = board.stages;
  const stages = (pipeline?.[set] as Record<string, unknown>[] | undefined) ?? [];
  return stages
    .map((stage, index) => ({ name: String(stage[key]), order: Number(stage.order ?? index) }))
    .sort((a, b) => a.order - b.order)
    .map((stage) => stage.name);
}

const column = (field: Field, value: string | null, more: BoardColumn['sets'] = {}): BoardColumn => ({
  key: `${field.name}:${value ?? ''}`,
  field,
  value,
  sets: { ...more, [field.name]: value },
});

/** `found`: what the node has counted; a value that nobody offers any more has a column while records have it. */
export function columnsOf(board: BoardOf, stages: string[], found: Group[]): BoardColumn[] {
  const { field, closing } = board;
  const open = closing ? { [closing.name]: 'open' } : {};
  const offered = board.stages
    ? stages
    : optionsOf(field)
        .filter((option) => !option.retired)
        .map((option) => option.name);
  const columns = offered.map((value) => column(field, value, open));
  const ends = closing
    ? (closing.values ?? []).filter((value) => value !== 'open').map((value) => column(closing, value))
    : [];
  const others = new Map<string, BoardColumn>();
  for (const group of found) {
    if (group.count === 0 || standsIn([...columns, ...ends], group.key)) continue;
    const value = group.key[field.name];
    const one = column(field, typeof value === 'string' && value ? value : null, open);
    others.set(one.key, one);
  }
  return [...columns, ...others.values(), ...ends];
}

export const standsIn = (columns: BoardColumn[], row: Record<string, unknown>): BoardColumn | undefined =>
  columns.find((one) => Object.entries(one.sets).every(([name, value]) => (row[name] || null) === value));

/** The column's part of a list's filter. */
export function columnFilter(one: BoardColumn, filter: string): string {
  const said = Object.entries(one.sets).map(([name, value]) =>
    value === null ? `NOT ${name}:*` : `${name} = ${quote(value)}`,
  );
  return [...(filter ? [`(${filter})`] : []), ...said].join(' AND ');
}

/**
 * Rows to columns by what they say now: a record that was just moved, here or by somebody else, is in
 * its new column before any list has been read again. It stands on top there.
 */
export function placed(columns: BoardColumn[], lists: Row[][]): Row[][] {
  const all = columns.map((): { came: Row[]; stay: Row[] } => ({ came: [], stay: [] }));
  const seen = new Set<string>();
  const put = (row: Row, list: number, own: boolean) => {
    if (seen.has(row.id)) return;
    const at = columns.findIndex((one) => standsIn([one], row));
    if (at < 0 || (at === list) !== own) return;
    seen.add(row.id);
    all[at]?.[own ? 'stay' : 'came'].push(row);
  };
  for (const own of [true, false])
    lists.forEach((rows, list) => {
      for (const row of rows) put(row, list, own);
    });
  return all.map(({ came, stay }) => [...came, ...stay]);
}

/** What `:aggregate` says of one group. */
export interface Group {
  key: Record<string, unknown>;
  count: number;
  sums?: Record<string, unknown>;
}
export interface Total {
  count: number;
  /** By currency; '' for plain numbers. */
  sums: Map<string, number>;
}
/** A move that was made here, which the node's figures do not know before `at`. */
export interface Moved {
  row: Row;
  from: string | undefined;
  to: string;
  at: number;
}

const amountsOf = (value: unknown): [string, number][] => {
  if (Array.isArray(value)) return value.flatMap(amountsOf);
  if (!value || typeof value !== 'object') return typeof value === 'number' ? [['', value]] : [];
  const { currency, amount_minor, sum } = value as Record<string, unknown>;
  if (typeof currency === 'string') return [[currency, Number(amount_minor)]];
  return typeof sum === 'number' ? [['', sum]] : [];
};

/** Counts and sums of columns: the node's, and what has been moved since. */
export function totalsOf(
  columns: BoardColumn[],
  groups: Group[],
  sum: string | undefined,
  moves: Moved[],
): Map<string, Total> {
  const totals = new Map<string, Total>(columns.map((one) => [one.key, { count: 0, sums: new Map() }]));
  const add = (key: string | undefined, count: number, value: unknown) => {
    const total = key === undefined ? undefined : totals.get(key);
    if (!total) return;
    total.count = Math.max(0, total.count + count);
    for (const [unit, amount] of amountsOf(value))
      total.sums.set(unit, (total.sums.get(unit) ?? 0) + amount * Math.sign(count || 1));
  };
  for (const group of groups)
    add(standsIn(columns, group.key)?.key, group.count, sum ? group.sums?.[sum] : undefined);
  for (const { row, from, to } of moves) {
    add(from, -1, sum ? row[sum] : undefined);
    add(to, 1, sum ? row[sum] : undefined);
  }
  return totals;
}

/** What is added up in the columns' heads. */
export const sumField = (kind: Kind): Field | undefined =>
  kind.fields.find((field) => shapeOf(field) === 'money');

export const MOST_LINES = 4;
/** Columns of the list that a card shows: not its name, and not where it stands. */
export const cardFields = (kind: Kind, board: BoardOf, chosen: Field[]): Field[] =>
  chosen
    .filter(({ name }) => name !== kind.title && name !== board.field.name && name !== board.closing?.name)
    .slice(0, MOST_LINES);
