// SPDX-License-Identifier: Apache-2.0
// Days and weeks of a calendar, and what stands on them. Days are "2026-11-22" in the person's zone.
import { type Field, fieldOf, type Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { shapeOf } from '@/kind/field/shape';
import { fromLocal, toLocal } from '@/kind/field/time';

export type View = 'month' | 'week';
/** Shapes of fields that say a day. */
export type Dated = 'date' | 'instant';

const DAY = 86_400_000;
const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
export const addDays = (day: string, days: number) => dayOf(timeOf(day) + days * DAY);
export const isDay = (text: string | undefined): text is string =>
  !!text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(timeOf(text));

/** Weeks begin on Monday. */
const monday = (day: string) => addDays(day, -((new Date(timeOf(day)).getUTCDay() + 6) % 7));

function addMonths(day: string, months: number): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return dayOf(Date.UTC(year, month - 1 + months, 1));
}

/** The weeks that a view shows, whole ones. */
export function weeksOf(day: string, view: View): string[][] {
  const first = view === 'week' ? monday(day) : monday(addMonths(day, 0));
  const end = view === 'week' ? addDays(first, 7) : addMonths(day, 1);
  const weeks: string[][] = [];
  for (let start = first; start < end; start = addDays(start, 7))
    weeks.push([0, 1, 2, 3, 4, 5, 6].map((one) => addDays(start, one)));
  return weeks;
}

/** Where "earlier" and "later" lead. */
export const stepped = (day: string, view: View, by: number) =>
  view === 'week' ? addDays(day, 7 * by) : addMonths(day, by);

export const datedOf = (field: Field): Dated | undefined => {
  const shape = shapeOf(field);
  return shape === 'date' || shape === 'instant' ? shape : undefined;
};

export interface Shown {
  kind: Kind;
  field: Field;
}
/** What can be shown: kinds with a date of their own, tasks first. */
export function choicesOf(kinds: Kind[], mayRead: (kind: Kind) => boolean): Shown[] {
  const all = kinds
    .filter((kind) => !kind.internal && !kind.in_log && mayRead(kind))
    .flatMap((kind) => kind.fields.filter(datedOf).map((field) => ({ kind, field })));
  return all.sort((a, b) => Number(b.kind.plural === 'tasks') - Number(a.kind.plural === 'tasks'));
}

export const keyOf = ({ kind, field }: Shown) => `${kind.plural}.${field.name}`;

/** Records whose date is on these days. */
export function filterOf(field: Field, first: string, last: string): string {
  const end = addDays(last, 1);
  const at = (day: string) => (datedOf(field) === 'date' ? day : fromLocal(`${day}T00:00`, 'instant'));
  return `${field.name} >= "${at(first)}" AND ${field.name} < "${at(end)}"`;
}

export const dayOfRow = (row: Row, field: Field): string => toLocal(String(row[field.name] ?? ''), 'date');

/** The same time of another day. */
export function movedTo(value: string, shape: Dated, day: string): string | null {
  if (shape === 'date') return day;
  return fromLocal(`${day}${toLocal(value, 'instant').slice(10)}`, 'instant');
}

/** What tells most about how a record is. */
export const stateOf = (kind: Kind, row: Row): string | undefined =>
  fieldOf(kind, 'state') && typeof row.state === 'string' ? row.state : undefined;
