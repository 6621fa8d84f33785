// SPDX-License-Identifier: Apache-2.0
// Runs over many records, kept beside the pages: leaving the list does not end one.
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Kind } from '@/api/kinds';
import { inWords } from '@/api/problem';
import { type Row, readPage } from '@/api/records';
import { say } from '@/ui/toast';
import { nameOf } from '../field/Reference';
import type { Plan } from './plan';
import { countOf, type Target } from './store';
import { texts } from './texts';
import { type Failure, type Item, type Progress, sendPatiently, work } from './work';

export interface Run {
  id: number;
  kind: Kind;
  label: string;
  state: 'collecting' | 'running' | 'ended' | 'stopped';
  total: number;
  done: number;
  same: number;
  failed: Failure[];
  backs: Progress['backs'];
}

let runs: Run[] = [];
let last = 0;
const stopped = new Set<number>();
const listeners = new Set<() => void>();
const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
export const useRuns = () => useSyncExternalStore(subscribe, () => runs);

function put(id: number, change: Partial<Run>) {
  runs = runs.map((run) => (run.id === id ? { ...run, ...change } : run));
  for (const tell of listeners) tell();
}
export function forget(id: number) {
  runs = runs.filter((run) => run.id !== id);
  for (const tell of listeners) tell();
}
export const stop = (id: number) => void stopped.add(id);

/** What the plan may ask of a row; the rest would be much, of many. */
const slim = (row: Row): Row => {
  const { fields: _, conflicts: __, ...kept } = row;
  return kept;
};

/** Everything that is meant, read to its end before anything changes: what is changed may leave the list. */
async function collect(
  target: Target,
  tell: (count: number) => void,
  isStopped: () => boolean,
): Promise<Row[]> {
  if (!target.all) return target.rows;
  const rows: Row[] = [];
  let token: string | undefined;
  do {
    const page = await readPage(target.kind.plural, { ...target.all.question, page_size: 500 }, token);
    rows.push(...page.rows.map(slim));
    token = page.next;
    tell(rows.length);
  } while (token && !isStopped());
  return rows;
}

const fresh = (client: QueryClient, kind: Kind) =>
  client.invalidateQueries({ predicate: (query) => query.queryKey.includes(kind.plural) });

/** One record needs no panel: a toast says it, with the way back. */
async function runOne(client: QueryClient, kind: Kind, row: Row, label: string, plan: Plan) {
  const call = plan.callOf(row);
  if (!call) return say(texts('sameOne'));
  try {
    const answer = await sendPatiently(call);
    const back = plan.backOf(row, answer);
    const undo = () =>
      void sendPatiently(back ?? call)
        .then(() => say(texts('undoneOne')))
        .catch((error) => say(inWords(error), { color: 'red' }))
        .then(() => fresh(client, kind));
    say(label, back ? { action: { label: texts('undo'), run: undo } } : {});
  } catch (error) {
    say(inWords(error), { color: 'red' });
  }
  await client.invalidateQueries({ predicate: (query) => query.queryKey.includes(row.id) });
  return fresh(client, kind);
}

/** Drawing each answer would take longer than the answers do. */
const DRAW_MS = 100;

interface Doing {
  id: number;
  items: Item[];
  callOf: Parameters<typeof work>[0]['callOf'];
  backOf: Parameters<typeof work>[0]['backOf'];
}

async function doAll(client: QueryClient, kind: Kind, { id, items, callOf, backOf }: Doing) {
  let drawn = 0;
  const said = (progress: Progress) => ({
    ...progress,
    failed: [...progress.failed],
    backs: [...progress.backs],
  });
  put(id, { state: 'running', total: items.length });
  const isStopped = () => stopped.has(id);
  const tell = (progress: Progress) => {
    if (Date.now() - drawn < DRAW_MS) return;
    drawn = Date.now();
    put(id, { done: progress.done, same: progress.same, failed: [...progress.failed] });
  };
  const progress = await work({ items, callOf, backOf, send: sendPatiently, tell, isStopped });
  put(id, { ...said(progress), state: isStopped() ? 'stopped' : 'ended' });
  await fresh(client, kind);
}

function begin(kind: Kind, label: string, total: number): number {
  const id = ++last;
  const run: Run = { id, kind, label, state: 'collecting', total, done: 0, same: 0, failed: [], backs: [] };
  runs = [...runs, run];
  for (const tell of listeners) tell();
  return id;
}

export async function start(client: QueryClient, target: Target, label: string, plan: Plan) {
  const { kind } = target;
  const only = target.all ? undefined : target.rows[0];
  if (only && target.rows.length === 1) return runOne(client, kind, only, label, plan);
  const id = begin(kind, label, countOf(target));
  try {
    const rows = await collect(
      target,
      (count) => put(id, { total: Math.max(count, countOf(target)) }),
      () => stopped.has(id),
    );
    await doAll(client, kind, {
      id,
      items: rows.map((row) => ({ row, name: nameOf(kind, row) })),
      callOf: ({ row }) => plan.callOf(row),
      backOf: ({ row }, answer) => plan.backOf(row, answer),
    });
  } catch (error) {
    // Not even all of them could be read.
    forget(id);
    say(inWords(error), { color: 'red' });
  }
}

/** Takes back what a run has done, in a run of its own that lists what could not be. */
export async function undo(client: QueryClient, run: Run) {
  forget(run.id);
  const calls = new Map(run.backs.map(({ item, call }) => [item, call]));
  const id = begin(run.kind, texts('undoOf', { what: run.label }), calls.size);
  const items = [...calls.keys()].reverse();
  await doAll(client, run.kind, {
    id,
    items,
    callOf: (item) => calls.get(item),
    backOf: () => undefined,
  });
}
