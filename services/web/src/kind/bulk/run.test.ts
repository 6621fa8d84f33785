// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Row } from '@/api/records';
import type { Line, Plan } from './plan';
import { BATCH, type Carrier, type Drive, go, type Item, type Keeper, type Run } from './run';

const gone = new Error('unreachable');
class No extends Error {
  constructor(readonly status: number) {
    super(String(status));
  }
}

/** A node with records of one kind, and a browser that keeps what it is told. */
function world(count: number) {
  const records = new Map<string, Row>();
  for (let at = 0; at < count; at++) {
    const id = `r${String(at).padStart(4, '0')}`;
    records.set(id, { id, version: '1', name: 'old', tags: ['a'] });
  }
  const node = {
    records,
    answered: new Map<string, unknown>(),
    refuses: new Set<string>(),
    /** So many requests are answered; of the one behind them only the answer is lost. */
    left: Number.POSITIVE_INFINITY,
    batches: [] as number[],
    calls: 0,
    most: 0,
    now: 0,
  };
  const kept = { runs: new Map<string, Run>(), chunks: new Map<string, Item[]>() };
  const keeper: Keeper = {
    save: async (run, chunks = []) => {
      kept.runs.set(run.id, structuredClone(run));
      for (const { at, items } of chunks) kept.chunks.set(`${run.id} ${at}`, structuredClone(items));
      return true;
    },
    chunk: async (run, at) => structuredClone(kept.chunks.get(`${run} ${at}`) ?? []),
  };
  const write = (line: Line & { idempotency_key: string }) => {
    const row = records.get(line.id);
    if (!row) return { error: { status: 404 } };
    if (node.refuses.has(line.id)) return { error: { status: 422 } };
    if (line.if_match && line.if_match !== row.version) return { error: { status: 412 } };
    records.set(line.id, { ...row, ...line.record, version: `${Number(row.version) + 1}` });
    return { id: line.id };
  };
  const once = <T>(key: string, work: () => T): T => {
    if (!node.answered.has(key)) node.answered.set(key, work());
    return node.answered.get(key) as T;
  };
  const lose = () => {
    if (--node.left < 0) throw gone;
  };
  const carrier: Carrier = {
    page: async (_plural, _question, token) => {
      lose();
      const all = [...records.values()];
      const from = Number(token ?? 0);
      const next = from + 400;
      return { rows: all.slice(from, next), ...(next < all.length ? { next: String(next) } : {}) };
    },
    read: async (_plural, id) => {
      const row = records.get(id);
      if (!row) throw new No(404);
      return { ...row };
    },
    change: async (_plural, lines) => {
      node.batches.push(lines.length);
      const answers = lines.map((line) => once(line.idempotency_key, () => write(line)));
      lose();
      return answers;
    },
    send: async (call, key) => {
      node.most = Math.max(node.most, ++node.now);
      await Promise.resolve();
      node.now--;
      node.calls++;
      if (node.refuses.has(call.path)) throw new No(409);
      const answer = once(key, () => ({ id: `made by ${call.path}` }));
      lose();
      return answer;
    },
    problemOf: (error) => (error instanceof No ? { status: error.status } : undefined),
  };
  return { node, kept, keeper, carrier };
}

const naming = (name: string): Plan['stepOf'] => {
  return ({ id, name: before }) =>
    before === name
      ? undefined
      : {
          does: { line: { id, record: { name } } },
          back: { line: { id, record: { name: before } }, wrote: { name: 'name', value: name } },
        };
};
const tagging: Plan['stepOf'] = ({ id, version, tags }) =>
  (tags as string[]).includes('b')
    ? undefined
    : { does: { line: { id, record: { tags: [...(tags as string[]), 'b'] }, if_match: version ?? '' } } };
const calling: Plan['stepOf'] = ({ id }) => ({
  does: { call: { method: 'POST', path: id } },
  back: { call: { method: 'POST', path: '{id}:back' } },
});

const begun = (more: Partial<Run> = {}): Run => ({
  id: 'run',
  user: 'ada',
  kind: 'things',
  label: 'Name them',
  at: 0,
  state: 'collecting',
  question: {},
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

type World = ReturnType<typeof world>;
const drive = ({ keeper, carrier }: World, run: Run, stepOf?: Plan['stepOf']): Drive => ({
  run,
  keeper,
  carrier,
  plan: stepOf && ({ stepOf } as Plan),
  nameOf: (row) => `name of ${row.id}`,
  tell: () => undefined,
});
/** As a tab that is opened anew: with nothing but what is kept. */
const again = (all: World) => structuredClone(all.kept.runs.get('run') as Run);

describe('a run over many', () => {
  it('writes in bounded batches, goes on after what fails and says what it was', async () => {
    const all = world(950);
    all.node.refuses.add('r0007').add('r0949');
    all.node.records.set('r0001', { id: 'r0001', version: '1', name: 'new' });
    const run = begun();
    await go(drive(all, run, naming('new')));
    expect(run).toMatchObject({ state: 'ended', total: 950, done: 947, same: 1, failed: 2, backs: 947 });
    expect(run.failures.map(({ id, problem }) => [id, problem?.status])).toEqual([
      ['r0007', 422],
      ['r0949', 422],
    ]);
    expect(Math.max(...all.node.batches)).toBeLessThanOrEqual(BATCH);
    expect(all.node.records.get('r0948')?.name).toBe('new');
  });

  it('is gone on with wherever it broke off, and does nothing twice', async () => {
    for (let lost = 0; lost < 9; lost++) {
      const all = world(950);
      await all.keeper.save(begun());
      all.node.left = lost;
      const first = go(drive(all, again(all), naming('new')));
      if (lost < 8) await expect(first).rejects.toBe(gone);
      else await first;
      all.node.left = Number.POSITIVE_INFINITY;
      const run = again(all);
      await go(drive(all, run, naming('new')));
      expect(run).toMatchObject({ state: 'ended', total: 950, done: 950, failed: 0 });
      const versions = new Set([...all.node.records.values()].map(({ version }) => version));
      expect(versions).toEqual(new Set(['2']));
    }
  });

  it('reads a list again that somebody has written meanwhile', async () => {
    const all = world(3);
    const run = begun();
    const reading = all.carrier.page;
    all.carrier.page = async (...asked) => {
      const page = await reading(...asked);
      all.node.records.set('r0000', { id: 'r0000', version: '9', tags: ['theirs'] });
      all.node.records.set('r0001', { id: 'r0001', version: '9', tags: ['a', 'b'] });
      return page;
    };
    await go(drive(all, run, tagging));
    expect(run).toMatchObject({ done: 3, failed: 0 });
    expect(all.node.records.get('r0000')?.tags).toEqual(['theirs', 'b']);
    expect(all.node.records.get('r0001')?.tags).toEqual(['a', 'b']);
  });

  it('sends commands a few at a time, and knows what they made', async () => {
    const all = world(50);
    all.node.refuses.add('r0003');
    const run = begun();
    await go(drive(all, run, calling));
    expect(run).toMatchObject({ done: 49, failed: 1, backs: 49 });
    expect(all.node.most).toBeGreaterThan(1);
    expect(all.node.most).toBeLessThanOrEqual(4);
    expect(all.kept.chunks.get('run 0')?.[0]?.step?.back).toEqual({
      call: { method: 'POST', path: 'made by r0000:back' },
    });
  });

  it('stops when it is told to, and takes back what it has done', async () => {
    const all = world(50);
    const run = begun();
    const sending = all.carrier.send;
    all.carrier.send = (call, key) => {
      if (all.node.calls >= 10) run.stop = true;
      return sending(call, key);
    };
    await go(drive(all, run, calling));
    expect(run.state).toBe('stopped');
    expect(run.done).toBe(all.node.calls);
    expect(run.done).toBeLessThan(16);
    all.carrier.send = sending;
    const back = begun({ id: 'back', undoes: 'run', token: String(run.chunks) });
    await go(drive(all, back));
    expect(back).toMatchObject({ state: 'ended', total: run.done, done: run.done });
  });

  it('takes back only what nobody has written since', async () => {
    const all = world(450);
    const run = begun();
    await go(drive(all, run, naming('new')));
    all.node.records.set('r0007', { id: 'r0007', version: '5', name: 'theirs' });
    all.node.records.delete('r0008');
    const back = begun({ id: 'back', undoes: 'run', token: String(run.chunks) });
    await go(drive(all, back));
    expect(back).toMatchObject({ state: 'ended', total: 450, done: 448, failed: 2 });
    expect(back.failures.map(({ id, problem }) => [id, problem?.status])).toEqual([
      ['r0008', 404],
      ['r0007', 412],
    ]);
    expect(all.node.records.get('r0007')?.name).toBe('theirs');
    expect(all.node.records.get('r0009')?.name).toBe('old');
  });
});
