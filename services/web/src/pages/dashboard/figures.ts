// SPDX-License-Identifier: Apache-2.0
// Figures of analytics by stretches of time, and the lists that a bar stands for. Pure.
import type { Money } from '@/ui/format';

export interface Figure {
  /** "2026-11-22", in UTC as all figures. */
  day?: string;
  channel?: string;
  department?: string;
  type?: string;
  count?: number;
  amounts?: Money[];
}

export const periods = ['month', 'quarter', 'year', 'ever'] as const;
export type Period = (typeof periods)[number];
export type Step = 'day' | 'week' | 'month';

export interface Range {
  /** First and last day; absent: since ever. */
  from?: string;
  to: string;
  step: Step;
}

const DAY = 86_400_000;
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
const timeOf = (day: string) => Date.parse(`${day}T00:00:00Z`);
export const addDays = (day: string, days: number) => dayOf(timeOf(day) + days * DAY);

const firstOfMonth = (day: string, months = 0) => {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return dayOf(Date.UTC(year, month - 1 + months, 1));
};

export function rangeOf(period: Period, now: number): Range {
  const to = dayOf(now);
  if (period === 'month') return { from: addDays(to, -29), to, step: 'day' };
  if (period === 'quarter') return { from: addDays(to, -90), to, step: 'week' };
  if (period === 'year') return { from: firstOfMonth(to, -11), to, step: 'month' };
  return { to, step: 'month' };
}

/** As many days as this one, just before it. */
export function before({ from, to, step }: Range): Range | undefined {
  if (!from) return undefined;
  const days = Math.round((timeOf(to) - timeOf(from)) / DAY) + 1;
  return { from: addDays(from, -days), to: addDays(from, -1), step };
}

/** First day of the stretch that a day is in. */
export function startOf(day: string, { from, step }: Range): string {
  if (step === 'month') return firstOfMonth(day);
  if (step === 'day') return day;
  const begin = timeOf(from ?? day);
  return dayOf(begin + Math.floor((timeOf(day) - begin) / (7 * DAY)) * 7 * DAY);
}

export function endOf(start: string, { step }: Range): string {
  if (step === 'month') return addDays(firstOfMonth(start, 1), -1);
  return step === 'week' ? addDays(start, 6) : start;
}

/** Months that one chart can show. */
const MOST = 60;

/** All stretches of the range, also empty ones, so that time is to scale. */
export function stretches(range: Range, rows: Figure[]): string[] {
  const days = rows.flatMap((row) => row.day ?? []);
  const first = range.from ?? days.reduce((least, day) => (day < least ? day : least), range.to);
  const all: string[] = [];
  for (let at = startOf(first, range); at <= range.to; at = addDays(endOf(at, range), 1)) all.push(at);
  return all.slice(-MOST);
}

export type Part = 'department' | 'type' | 'channel';
export interface Stretch {
  start: string;
  sum: number;
  [part: string]: number | string;
}

/** Counts of each stretch by part. */
export function byTime(rows: Figure[], range: Range, part: Part): Stretch[] {
  const found = new Map(stretches(range, rows).map((start): [string, Stretch] => [start, { start, sum: 0 }]));
  for (const row of rows) {
    const stretch = row.day && found.get(startOf(row.day, range));
    if (!stretch) continue;
    const name = row[part] ?? 'unknown';
    stretch[name] = Number(stretch[name] ?? 0) + (row.count ?? 0);
    stretch.sum += row.count ?? 0;
  }
  return [...found.values()];
}

export interface Share {
  name: string;
  count: number;
}
export function byPart(rows: Figure[], part: Part): Share[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = row[part] ?? 'unknown';
    sums.set(name, (sums.get(name) ?? 0) + (row.count ?? 0));
  }
  return [...sums].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}

const purchases = (rows: Figure[]) => rows.filter((row) => row.type === 'purchase');
export const countOf = (rows: Figure[]) => rows.reduce((sum, row) => sum + (row.count ?? 0), 0);
export const purchaseCount = (rows: Figure[]) => countOf(purchases(rows));

/** What was bought for, by currency, the largest first. Currencies are never added up. */
export function revenue(rows: Figure[]): Money[] {
  const sums = new Map<string, number>();
  for (const row of purchases(rows))
    for (const { currency, amount_minor } of row.amounts ?? [])
      sums.set(currency, (sums.get(currency) ?? 0) + amount_minor);
  return [...sums]
    .map(([currency, amount_minor]) => ({ currency, amount_minor }))
    .sort((a, b) => b.amount_minor - a.amount_minor);
}

/** Minor units of one currency in each stretch. */
export function moneyByTime(
  rows: Figure[],
  range: Range,
  currency: string,
): { start: string; minor: number }[] {
  const found = new Map(stretches(range, rows).map((start) => [start, 0]));
  for (const row of purchases(rows)) {
    const start = row.day && startOf(row.day, range);
    const sum = start ? found.get(start) : undefined;
    if (!start || sum === undefined) continue;
    const more = (row.amounts ?? []).filter((one) => one.currency === currency);
    found.set(
      start,
      more.reduce((all, one) => all + one.amount_minor, sum),
    );
  }
  return [...found].map(([start, minor]) => ({ start, minor }));
}

/** The filter of a list of interactions, so that a bar can be looked into. */
export function filterOf(from: string | undefined, to: string, also?: { part: Part; name: string }): string {
  return [
    from && `occurred_at >= "${from}T00:00:00Z"`,
    `occurred_at < "${addDays(to, 1)}T00:00:00Z"`,
    also && `${also.part} = "${also.name}"`,
  ]
    .filter(Boolean)
    .join(' AND ');
}

/** How much more or less, as a share; undefined where nothing was before. */
export const changeOf = (now: number, then: number | undefined): number | undefined =>
  then ? (now - then) / then : undefined;
