// SPDX-License-Identifier: Apache-2.0
// Runs of this browser: begun here, gone on with by one tab, seen by all. Leaving the list, the page or the app ends
// none; what a closed tab left is gone on with by the next one that is open.
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { request } from '@/api/client';
import { newId } from '@/api/id';
import { type Kind, type KindBook, kindsQuery } from '@/api/kinds';
import { ApiError, inWords, OfflineError } from '@/api/problem';
import { queueUser } from '@/api/queue';
import { type Row, readPage } from '@/api/records';
import { isViewing } from '@/api/view';
import { say } from '@/ui/toast';
import { nameOf } from '../field/Reference';
import { addRun, allRuns, claimRun, keeperOf, LEASE_MS, removeRun, stopRun } from './keeper';
import { type Offer, offersOf } from './offers';
import { type Plan, planOf } from './plan';
import { type Answer, type Carrier, chunksOf, go, isOver, itemOf, type Problem, type Run } from './run';
import { countOf, flagRuns, type Target } from './store';
import { texts } from './texts';
import { isBusy, patiently, sendPatiently } from './work';

/** A tab keeps its name over a reload, so that it goes on at once with what it was doing. */
function nameOfTab(): string {
  const known = sessionStorage.getItem('liaison.tab');
  if (known) return known;
  const made = newId();
  sessionStorage.setItem('liaison.tab', made);
  return made;
}
const tab = nameOfTab();
const keeper = keeperOf(tab);

/* ---- what is known here ------------------------------------------------------------------------ */

interface Known {
  runs: Run[];
  /** Those whose panel is open in this tab. */
  open: ReadonlySet<string>;
}
let known: Known = { runs: [], open: new Set() };
const listeners = new Set<() => void>();
const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
export const useRuns = () => useSyncExternalStore(subscribe, () => known);

function put(change: Partial<Known>) {
  known = { ...known, ...change };
  flagRuns(known.runs.length > 0);
  for (const tell of listeners) tell();
}
const placed = (run: Run): Run[] =>
  known.runs.some((one) => one.id === run.id)
    ? known.runs.map((one) => (one.id === run.id ? run : one))
    : [...known.runs, run];
const without = (id: string) => known.runs.filter((run) => run.id !== id);

type Message = { run: Run } | { gone: string } | { stop: string };
const others = new BroadcastChannel('liaison-runs');
others.onmessage = ({ data }: MessageEvent<Message>) => {
  if ('gone' in data) put({ runs: without(data.gone) });
  else if ('stop' in data) halt(data.stop);
  else if (data.run.user === queueUser()) put({ runs: placed(data.run) });
};
const tellAll = (message: Message) => others.postMessage(message);

export function setOpen(id: string, isOpen: boolean) {
  const open = new Set(known.open);
  if (isOpen) open.add(id);
  else open.delete(id);
  put({ open });
}

/** Drawing each answer would take longer than the answers do. */
const DRAW_MS = 100;
function telling() {
  let drawn = 0;
  return (run: Run) => {
    if (!isOver(run) && Date.now() - drawn < DRAW_MS) return;
    drawn = Date.now();
    put({ runs: placed(run) });
    tellAll({ run });
  };
}

/* ---- going on ---------------------------------------------------------------------------------- */

const problemOf = (error: unknown): Problem | undefined =>
  error instanceof ApiError && error.status !== 401 && !isBusy(error)
    ? { ...error.problem, status: error.status }
    : undefined;

const linesOf = (lines: unknown[]) => lines.map((line) => JSON.stringify(line)).join('\n');
const headers = { 'Content-Type': 'application/jsonl' };
/** A customer may be several records; what is written is one. */
const aloneOf = (plural: string) => (plural === 'customers' ? { query: { alone: true } } : {});

const carrier: Carrier = {
  page: (plural, question, token) => patiently(() => readPage(plural, question, token)),
  read: (plural, id) => patiently(() => request<Row>('GET', `${plural}/${id}`, aloneOf(plural))),
  change: async (plural, lines) => {
    const body = linesOf(lines);
    const ask = () => request<{ results: Answer[] }>('POST', `${plural}:batchChange`, { headers, body });
    return (await patiently(ask)).results;
  },
  send: (call, key) => sendPatiently(call, key),
  problemOf,
};

const fresh = (client: QueryClient, plural: string) =>
  client.invalidateQueries({ predicate: (query) => query.queryKey.includes(plural) });

function planOfRun(run: Run, kind: Kind, book: KindBook): Plan | undefined {
  if (!run.offer) return undefined;
  const offer = offersOf(kind, book, () => true, 2).find((one) => one.id === run.offer?.id);
  return offer && planOf(kind, offer, run.offer.said);
}

/** Those that this tab is at. */
const driven = new Map<string, Run>();
function halt(id: string) {
  const run = driven.get(id);
  if (run) run.stop = true;
}

/** Nothing can be done about a run whose kind or action is not there any more. */
async function giveUp(run: Run, error: unknown) {
  say(inWords(error), { color: 'red' });
  await forget(run.id);
}

async function drive(client: QueryClient, id: string) {
  if (driven.has(id)) return;
  const run = await claimRun(id, tab);
  if (!run || driven.has(id)) return;
  driven.set(id, run);
  const renew = setInterval(() => void claimRun(id, tab), LEASE_MS / 3);
  try {
    const book = await client.ensureQueryData(kindsQuery);
    const kind = book.byPlural(run.kind);
    const plan = kind && planOfRun(run, kind, book);
    const nameOfRow = (row: Row) => nameOf(kind, row);
    await go({ run, keeper, carrier, plan, nameOf: nameOfRow, tell: telling() });
    await fresh(client, run.kind);
    if (run.undoes && isOver(run)) await removeRun(run.undoes);
  } catch (error) {
    // Not even what is meant could be read; all else is tried again when there is a node, or somebody is signed in.
    const isFinal = !(error instanceof OfflineError) && (!(error instanceof ApiError) || problemOf(error));
    if (isFinal) await giveUp(run, error);
  } finally {
    clearInterval(renew);
    driven.delete(id);
  }
}

const DAY_MS = 86_400_000;

/** What is kept of this person's, and what nobody goes on with. Called now and then. */
async function lookAround(client: QueryClient) {
  const user = queueUser();
  if (!user || isViewing()) return;
  const mine = (await allRuns()).filter((run) => run.user === user);
  const old = mine.filter((run) => isOver(run) && run.at < Date.now() - DAY_MS);
  const isTakenBack = (run: Run) => mine.some((other) => other.undoes === run.id);
  await Promise.all(old.map((run) => removeRun(run.id)));
  const runs = mine
    .filter((run) => !old.includes(run) && !isTakenBack(run))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  // What is drawn here is further than what is written.
  const drawn = (run: Run) => known.runs.find(({ id }) => id === run.id && driven.has(id)) ?? run;
  put({ runs: runs.map(drawn) });
  for (const run of runs) if (!isOver(run)) void drive(client, run.id);
}

export function watchRuns(client: QueryClient): () => void {
  const look = () => void lookAround(client);
  look();
  const again = setInterval(look, LEASE_MS);
  return () => clearInterval(again);
}

/* ---- what people do ---------------------------------------------------------------------------- */

/** One record needs no panel: a toast says it, with the way back. */
async function runOne(client: QueryClient, kind: Kind, row: Row, label: string, plan: Plan) {
  const call = plan.callOf(row);
  if (!call) return say(texts('sameOne'));
  try {
    const answer = await sendPatiently(call);
    const back = plan.backOf(row, answer);
    const undoOne = () =>
      void sendPatiently(back ?? call)
        .then(() => say(texts('undoneOne')))
        .catch((error) => say(inWords(error), { color: 'red' }))
        .then(() => fresh(client, kind.plural));
    say(label, back ? { action: { label: texts('undo'), run: undoOne } } : {});
  } catch (error) {
    say(inWords(error), { color: 'red' });
  }
  await client.invalidateQueries({ predicate: (query) => query.queryKey.includes(row.id) });
  return fresh(client, kind.plural);
}

const newRun = (kind: string, label: string, more: Partial<Run>): Run => ({
  id: newId(),
  user: queueUser() ?? 'nobody',
  kind,
  label,
  at: Date.now(),
  state: 'collecting',
  total: 0,
  chunks: 0,
  next: 0,
  done: 0,
  same: 0,
  failed: 0,
  backs: 0,
  failures: [],
  ...more,
});

async function begin(client: QueryClient, run: Run, chunks: Parameters<typeof keeper.save>[1] = []) {
  put({ runs: placed(run), open: new Set([...known.open, run.id]) });
  tellAll({ run });
  await addRun(run);
  await keeper.save(run, chunks);
  await drive(client, run.id);
}

interface Wish {
  target: Target;
  label: string;
  offer: Offer;
  said: Record<string, unknown>;
}

export async function start(client: QueryClient, { target, label, offer, said }: Wish) {
  const { kind } = target;
  const plan = planOf(kind, offer, said);
  const only = target.all ? undefined : target.rows[0];
  if (only && target.rows.length === 1) return runOne(client, kind, only, label, plan);
  const what = { offer: { id: offer.id, said } };
  if (target.all)
    return begin(client, newRun(kind.plural, label, { ...what, question: target.all.question }));
  const items = target.rows.map((row) => itemOf({ plan, nameOf: (one) => nameOf(kind, one) }, row));
  const chunks = chunksOf(items).map((some, at) => ({ at, items: some }));
  const size = { state: 'running' as const, total: countOf(target), chunks: chunks.length };
  return begin(client, newRun(kind.plural, label, { ...what, ...size }), chunks);
}

export async function stop(id: string) {
  halt(id);
  tellAll({ stop: id });
  await stopRun(id);
}

export async function forget(id: string) {
  put({ runs: without(id) });
  tellAll({ gone: id });
  await removeRun(id);
}

/** Takes back what a run has done, in a run of its own that lists what could not be. */
export async function undo(client: QueryClient, run: Run) {
  put({ runs: without(run.id) });
  tellAll({ gone: run.id });
  const label = texts('undoOf', { what: run.label });
  await begin(client, newRun(run.kind, label, { undoes: run.id, token: String(run.chunks) }));
}
