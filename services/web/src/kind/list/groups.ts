// SPDX-License-Identifier: Apache-2.0
// Rows in groups, with what their figures come to. Pure.
import type { Field } from '@/api/kinds';
import type { Row } from '@/api/records';
import { sumDecimals } from '@/ui/decimal';
import type { Money } from '@/ui/format';
import { shapeOf } from '../field/shape';

export type Item =
  | { type: 'group'; key: string; value: unknown; count: number; rows: Row[]; closed: boolean }
  | { type: 'row'; row: Row; index: number };

const keyOf = (value: unknown): string =>
  value === undefined || value === null || value === ''
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

/** What the list draws, from the first to the last. `index` counts rows only. */
export function itemsOf(rows: Row[], group: Field | undefined, closed: ReadonlySet<string>): Item[] {
  if (!group) return rows.map((row, index) => ({ type: 'row', row, index }));
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row[group.name]);
    const all = groups.get(key);
    if (all) all.push(row);
    else groups.set(key, [row]);
  }
  const keys = [...groups.keys()];
  // Enum values in the order of the schema; without a value last.
  const rank = (key: string) =>
    key === '' ? Number.MAX_SAFE_INTEGER : group.values ? group.values.indexOf(key) : keys.indexOf(key);
  keys.sort((a, b) => rank(a) - rank(b));
  let index = 0;
  return keys.flatMap((key): Item[] => {
    const all = groups.get(key) ?? [];
    const isClosed = closed.has(key);
    const head: Item = {
      type: 'group',
      key,
      value: all[0]?.[group.name],
      count: all.length,
      rows: all,
      closed: isClosed,
    };
    const from = index;
    index += all.length;
    return isClosed
      ? [head]
      : [head, ...all.map((row, at): Item => ({ type: 'row', row, index: from + at }))];
  });
}

/** Rows in the order in which a grouped list shows them: what keys count by. */
export const inGroups = (rows: Row[], group: Field | undefined): Row[] =>
  group ? itemsOf(rows, group, new Set()).flatMap((item) => (item.type === 'row' ? item.row : [])) : rows;

export type Sum =
  | { type: 'number' | 'duration'; total: number }
  | { type: 'decimal'; total: string; scale: number }
  | { type: 'money'; totals: Money[] };

/** Amounts are summed by currency: they are never mixed. */
export function sumOf(rows: Row[], field: Field): Sum {
  const shape = shapeOf(field);
  if (shape === 'money') {
    const totals = new Map<string, number>();
    for (const row of rows) {
      const money = row[field.name] as Money | undefined;
      if (money) totals.set(money.currency, (totals.get(money.currency) ?? 0) + money.amount_minor);
    }
    return {
      type: 'money',
      totals: [...totals].map(([currency, amount_minor]) => ({ currency, amount_minor })),
    };
  }
  if (shape === 'decimal') {
    const scale = field.scale ?? 0;
    return {
      type: 'decimal',
      scale,
      total: sumDecimals(
        rows.map((row) => row[field.name]),
        scale,
      ),
    };
  }
  return {
    type: shape === 'duration' ? 'duration' : 'number',
    total: rows.reduce((sum, row) => sum + (Number(row[field.name]) || 0), 0),
  };
}

/** Orders rows that are all here by a field of which the node has no index. */
export function ordered(rows: Row[], field: Field, desc: boolean): Row[] {
  const value = (row: Row): string | number => {
    const one = row[field.name];
    if (shapeOf(field) === 'money')
      return (one as Money | undefined)?.amount_minor ?? Number.NEGATIVE_INFINITY;
    if (typeof one === 'number' || typeof one === 'boolean') return Number(one);
    if (shapeOf(field) === 'decimal') return Number(one);
    return Array.isArray(one) ? one.join() : String(one ?? '');
  };
  const has = (row: Row) => keyOf(row[field.name]) !== '';
  return [...rows].sort((a, b) => {
    if (has(a) !== has(b)) return has(a) ? -1 : 1;
    const [x, y] = [value(a), value(b)];
    const less = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y));
    return desc ? -less : less;
  });
}
