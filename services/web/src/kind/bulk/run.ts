// SPDX-License-Identifier: Apache-2.0
// A run over many records, from reading which are meant to the last of them: bounded batches, each under keys that
// are always the same, so that whoever goes on with it - this tab, the same one after a reload, another one - does
// nothing twice. Pure: where it is kept and how it travels is given.
//
//     collecting   pages of what is meant --> chunks of steps    (read to its end before anything changes)
//     running      chunk after chunk: lines in one batch, commands a few at a time
//     ended        or stopped before it
import type { ListQuestion, Page, Row } from '@/api/records';
import { sameValue } from '../save';
import type { Call, Deed, Line, Plan, Step } from './plan';

/** Records of one batch: a commit that others hardly notice, and what a node that is full has to do again. */
export const BATCH = 200;
/** Commands under way at once: enough to be quick, few enough that the node serves others between them. */
const AT_ONCE = 4;

export interface Problem {
  status: number;
  [more: string]: unknown;
}
export interface Item {
  id: string;
  name: string;
  /** undefined: it was so already. */
  step?: Step;
  state?: 'done' | 'failed';
  problem?: Problem;
}

/** What is known of a run without its records: small, since it is written with each batch. */
export interface Run {
  id: string;
  user: string;
  /** The plural of the kind. */
  kind: string;
  label: string;
  at: number;
  state: 'collecting' | 'running' | 'ended' | 'stopped';
  /** What is done: an offer's id, and what somebody said to it. */
  offer?: { id: string; said: Record<string, unknown> };
  /** What is meant, if the list has not been read whole yet. */
  question?: ListQuestion;
  /** Takes back what this run did. */
  undoes?: string;
  /** How far it has been read: a page's token, or a chunk of the run that is taken back. */
  token?: string;
  total: number;
  chunks: number;
  next: number;
  done: number;
  same: number;
  failed: number;
  /** Records that there is a way back for. */
  backs: number;
  /** The first that failed; the others stand in their chunks. */
  failures: Item[];
  stop?: boolean;
  lease?: { tab: string; until: number };
}
export const FAILURES_KEPT = 5;

export const isOver = (run: Run) => run.state === 'ended' || run.state === 'stopped';

export interface Keeper {
  /** Writes all or nothing. False: somebody else goes on with it, or it is gone. Takes over what others set (`stop`). */
  save: (run: Run, chunks?: { at: number; items: Item[] }[]) => Promise<boolean>;
  chunk: (run: string, at: number) => Promise<Item[]>;
}

export type Answer = { id: string } | { error: Problem };
export interface Carrier {
  page: (plural: string, question: ListQuestion, token?: string) => Promise<Page>;
  read: (plural: string, id: string) => Promise<Row>;
  /** One answer a line. */
  change: (plural: string, lines: (Line & { idempotency_key: string })[]) => Promise<Answer[]>;
  send: (call: Call, key: string) => Promise<Row | undefined>;
  /** The problem of an error that is a "no" to one record; undefined: the run cannot go on now. */
  problemOf: (error: unknown) => Problem | undefined;
}

export interface Drive {
  run: Run;
  keeper: Keeper;
  carrier: Carrier;
  /** undefined: it only takes back. */
  plan: Plan | undefined;
  nameOf: (row: Row) => string;
  tell: (run: Run) => void;
}

/** Told in memory that it is to stop: sooner than the next writing. */
const isStopped = ({ run }: Drive) => run.stop === true;

async function pool<T>(items: T[], isEnough: () => boolean, one: (item: T) => Promise<void>) {
  let next = 0;
  const worker = async () => {
    for (let item = items[next++]; item !== undefined && !isEnough(); item = items[next++]) await one(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export const chunksOf = <T>(all: T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => all.slice(at * BATCH, (at + 1) * BATCH));

/** Of what cannot go on at all this throws the error again. */
function problemOf({ carrier }: Drive, error: unknown): Problem {
  const problem = carrier.problemOf(error);
  if (!problem) throw error;
  return problem;
}

/* ---- which are meant --------------------------------------------------------------------------- */

export function itemOf({ plan, nameOf }: Pick<Drive, 'plan' | 'nameOf'>, row: Row): Item {
  const step = plan?.stepOf(row);
  return { id: row.id, name: nameOf(row), ...(step ? { step } : {}) };
}

async function collectPage(drive: Drive): Promise<boolean> {
  const { run, carrier, keeper } = drive;
  const page = await carrier.page(run.kind, { ...run.question, page_size: 2 * BATCH }, run.token);
  const chunks = chunksOf(page.rows.map((row) => itemOf(drive, row)));
  const made = chunks.map((items, index) => ({ at: run.chunks + index, items }));
  run.chunks += chunks.length;
  run.total += page.rows.length;
  if (page.next) run.token = page.next;
  else run.state = 'running';
  return keeper.save(run, made);
}

/** The way back of one, if nobody has written it since. */
async function backOf(drive: Drive, item: Item): Promise<Item> {
  const { run, carrier } = drive;
  const { id, name, step } = item;
  const back = step?.back as Deed;
  if (!('line' in back) || !back.wrote) return { id, name, step: { does: back } };
  const { wrote, line } = back;
  try {
    const now = await carrier.read(run.kind, id);
    if (!sameValue(now[wrote.name], wrote.value))
      return { id, name, state: 'failed', problem: { status: 412 } };
    return {
      id,
      name,
      step: { does: { line: { ...line, ...(now.version ? { if_match: now.version } : {}) } } },
    };
  } catch (error) {
    return { id, name, state: 'failed', problem: problemOf(drive, error) };
  }
}

/** The last chunk first: what was done last is taken back first. */
async function collectBacks(drive: Drive): Promise<boolean> {
  const { run, keeper } = drive;
  const at = Number(run.token) - 1;
  if (at < 0) {
    run.state = 'running';
    return keeper.save(run);
  }
  const done = (await keeper.chunk(run.undoes ?? '', at)).filter(
    (item) => item.state === 'done' && item.step?.back,
  );
  const items = new Map<string, Item>();
  await pool(
    done,
    () => false,
    async (item) => void items.set(item.id, await backOf(drive, item)),
  );
  run.token = String(at);
  const ordered = done.reverse().flatMap((item) => items.get(item.id) ?? []);
  if (!ordered.length) return keeper.save(run);
  run.total += ordered.length;
  return keeper.save(run, [{ at: run.chunks++, items: ordered }]);
}

/* ---- doing it ---------------------------------------------------------------------------------- */

type Todo = Item & { step: Step };
const keyOf = (run: Run, item: Item, again = '') => `${run.id}.${item.id}${again}`;

async function runLines(drive: Drive, items: Todo[], again = ''): Promise<void> {
  if (!items.length) return;
  const { run, carrier } = drive;
  const lines = items.map((item) => ({
    ...(item.step.does as { line: Line }).line,
    idempotency_key: keyOf(run, item, again),
  }));
  const answers = await carrier.change(run.kind, lines).catch((error: unknown): Answer[] => {
    const problem = problemOf(drive, error);
    return lines.map(() => ({ error: problem }));
  });
  items.forEach((item, at) => {
    const answer = answers[at];
    const problem = !answer ? { status: 500 } : 'error' in answer ? answer.error : undefined;
    item.state = problem ? 'failed' : 'done';
    if (problem) item.problem = problem;
    else delete item.problem;
  });
}

/** Lists that somebody has written since they were read are read again, once. */
async function runAgain(drive: Drive, items: Todo[]): Promise<void> {
  const { run, carrier, plan } = drive;
  if (!plan) return;
  const stale = items.filter((item) => item.problem?.status === 412);
  const again: Todo[] = [];
  const one = async (item: Todo) => {
    const step = plan.stepOf(await carrier.read(run.kind, item.id));
    if (step) return void again.push(Object.assign(item, { step }));
    // Somebody did the same meanwhile.
    item.state = 'done';
    delete item.step.back;
    delete item.problem;
  };
  const note = (item: Todo) => (error: unknown) => {
    item.problem = problemOf(drive, error);
  };
  await pool(
    stale,
    () => false,
    (item) => one(item).catch(note(item)),
  );
  await runLines(drive, again, '.again');
}

async function runCalls(drive: Drive, items: Todo[], onEach: () => void): Promise<void> {
  const { run, carrier } = drive;
  await pool(
    items,
    () => isStopped(drive),
    async (item) => {
      const { call } = item.step.does as { call: Call };
      try {
        const answer = await carrier.send(call, keyOf(run, item));
        const { back } = item.step;
        if (back && 'call' in back) back.call.path = back.call.path.replace('{id}', answer?.id ?? '');
        item.state = 'done';
      } catch (error) {
        item.problem = problemOf(drive, error);
        item.state = 'failed';
      }
      onEach();
    },
  );
}

/** The run with what became of this chunk. */
export function counted(run: Run, items: Item[]): Run {
  const of = (state: Item['state']) => items.filter((item) => item.state === state);
  const done = of('done');
  const failed = of('failed');
  return {
    ...run,
    done: run.done + done.length,
    same: run.same + items.filter((item) => !item.step && !item.state).length,
    failed: run.failed + failed.length,
    backs: run.backs + done.filter((item) => item.step?.back).length,
    failures: [...run.failures, ...failed].slice(0, FAILURES_KEPT),
  };
}

async function runChunk(drive: Drive): Promise<boolean> {
  const { run, keeper, tell } = drive;
  const items = await keeper.chunk(run.id, run.next);
  const todo = items.filter((item): item is Todo => item.step !== undefined && !item.state);
  const lines = todo.filter(({ step }) => 'line' in step.does);
  await runLines(drive, lines);
  await runAgain(drive, lines);
  await runCalls(
    drive,
    todo.filter(({ step }) => 'call' in step.does),
    () => tell(counted(run, items)),
  );
  Object.assign(run, counted(run, items), { next: run.next + 1 });
  const isWhole = todo.every((item) => item.state);
  if (run.next >= run.chunks) run.state = isWhole ? 'ended' : 'stopped';
  return keeper.save(run, [{ at: run.next - 1, items }]);
}

/** Goes on with a run until it is over, or belongs to somebody else. Throws what it cannot go on with now. */
export async function go(drive: Drive): Promise<void> {
  const { run, keeper, tell } = drive;
  for (let isMine = true; isMine && !isOver(run); tell({ ...run })) {
    if (run.stop) run.state = 'stopped';
    else if (run.state === 'running' && run.next >= run.chunks) run.state = 'ended';
    if (isOver(run)) isMine = await keeper.save(run);
    else if (run.state === 'running') isMine = await runChunk(drive);
    else isMine = await (run.undoes ? collectBacks(drive) : collectPage(drive));
  }
}
