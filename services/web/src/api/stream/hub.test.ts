// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Hub, type StreamAnswer, type Tab, type ToTab, type World } from './hub';

/** A stream that a test writes, ends or breaks; and a clock that it turns. */
class Line {
  private waiting: ((next: IteratorResult<string>) => void) | undefined;
  private failing: ((error: Error) => void) | undefined;
  private ready: string[] = [];
  private isEnded = false;
  say(text: string) {
    if (this.waiting) this.waiting({ done: false, value: text });
    else this.ready.push(text);
    this.waiting = undefined;
  }
  end() {
    this.isEnded = true;
    this.waiting?.({ done: true, value: undefined });
  }
  tear() {
    this.failing?.(new Error('torn'));
  }
  async *pieces(): AsyncIterable<string> {
    for (;;) {
      const text = this.ready.shift();
      if (text !== undefined) yield text;
      else if (this.isEnded) return;
      else {
        const next = await new Promise<IteratorResult<string>>((resolve, reject) => {
          this.waiting = resolve;
          this.failing = reject;
        });
        if (next.done) return;
        yield next.value;
      }
    }
  }
}

function setting(statuses: number[] = []) {
  const lines: Line[] = [];
  const asked: (string | undefined)[] = [];
  let timers: { at: number; then: () => void }[] = [];
  let now = 0;
  const world: World = {
    open: async (lastId, signal): Promise<StreamAnswer> => {
      asked.push(lastId);
      const line = new Line();
      lines.push(line);
      signal.addEventListener('abort', () => line.tear());
      return { status: statuses.shift() ?? 200, pieces: line.pieces() };
    },
    after: (ms, then) => {
      const timer = { at: now + ms, then };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const settle = async () => {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  };
  const pass = async (ms: number) => {
    now += ms;
    const due = timers.filter((timer) => timer.at <= now);
    timers = timers.filter((timer) => timer.at > now);
    for (const timer of due) timer.then();
    await settle();
  };
  return { hub: new Hub(world), lines, asked, pass, settle };
}

function tab(): Tab & { heard: ToTab[]; states: () => string[]; ids: () => string[] } {
  const heard: ToTab[] = [];
  return {
    heard,
    postMessage: (message) => void heard.push(message),
    states: () => heard.flatMap((one) => (one.type === 'state' ? [one.state] : [])),
    ids: () => heard.flatMap((one) => (one.type === 'events' ? one.events.map((event) => event.id) : [])),
  };
}

const event = (number: number) =>
  `id: 1.ab.${number}\nevent: deal.won\ndata: ${JSON.stringify({
    id: `1/ab/${number}`,
    type: 'liaison.sales.deal.won',
    source: '/nodes/sales',
    subject: 'c1',
    time: '2026-11-22T10:00:00Z',
    data: { changes: [{ kind: 'deal', record: 'd1', set: { state: 'won' } }] },
  })}\n\n`;

test('one line serves all tabs, and events that come together are told together', async () => {
  const { hub, lines, pass, settle } = setting();
  const [one, two] = [tab(), tab()];
  hub.join(one);
  hub.join(two);
  await settle();
  lines[0]?.say(event(1) + event(2).slice(0, 30));
  await settle();
  lines[0]?.say(event(2).slice(30));
  await settle();
  await pass(60);
  expect(lines).toHaveLength(1);
  for (const each of [one, two])
    expect(each.heard.filter((message) => message.type === 'events')).toHaveLength(1);
  expect(one.ids()).toEqual(['1/ab/1', '1/ab/2']);
  expect(one.heard.at(-1)).toMatchObject({
    events: [{ fact: 'deal.won', department: 'sales', node: 'sales', customer: 'c1' }, {}],
  });
});

test('a line that ends or is torn goes on behind the last event', async () => {
  const { hub, lines, asked, pass, settle } = setting();
  const one = tab();
  hub.join(one);
  await settle();
  lines[0]?.say(event(7));
  await settle();
  lines[0]?.end();
  await settle();
  expect(one.states().at(-1)).toBe('waiting');
  await pass(2000);
  lines[1]?.tear();
  await settle();
  await pass(2000);
  expect(asked).toEqual([undefined, '1.ab.7', '1.ab.7']);
  expect(one.heard.some((message) => message.type === 'anew')).toBe(false);
});

test('without an event to go on from, what was missed is said', async () => {
  const { hub, lines, pass, settle } = setting();
  const one = tab();
  hub.join(one);
  await settle();
  lines[0]?.end();
  await settle();
  await pass(2000);
  expect(one.heard.filter((message) => message.type === 'anew')).toHaveLength(1);
});

test('a cursor that the node does not take any more means: take the state anew', async () => {
  const { hub, lines, asked, pass, settle } = setting([200, 410, 200]);
  const one = tab();
  hub.join(one);
  await settle();
  lines[0]?.say(event(3));
  await settle();
  lines[0]?.end();
  await settle();
  await pass(2000);
  await pass(30_000);
  expect(asked).toEqual([undefined, '1.ab.3', undefined]);
  expect(one.heard.filter((message) => message.type === 'anew').length).toBeGreaterThan(0);
});

test('a gap that the stream tells of is passed on', async () => {
  const { hub, lines, settle } = setting();
  const one = tab();
  hub.join(one);
  await settle();
  lines[0]?.say('id: 1.ab.9\nevent: stream.gap\ndata: {}\n\n');
  await settle();
  expect(one.heard.at(-1)).toEqual({ type: 'anew' });
});

test('a silent line is given up, one that breathes is not', async () => {
  const { hub, lines, asked, pass, settle } = setting();
  hub.join(tab());
  await settle();
  for (let i = 0; i < 5; i++) {
    await pass(20_000);
    lines[0]?.say(':\n\n');
    await settle();
  }
  expect(asked).toHaveLength(1);
  await pass(45_000);
  await pass(30_000);
  expect(asked).toHaveLength(2);
});

test('who is signed out is not asked for again until somebody signs in', async () => {
  const { hub, asked, pass, settle } = setting([401]);
  const one = tab();
  hub.join(one);
  await settle();
  expect(one.states().at(-1)).toBe('signed-out');
  await pass(60_000);
  expect(asked).toHaveLength(1);
  hub.take(one, { type: 'begin' });
  await settle();
  expect(one.states().at(-1)).toBe('live');
});

test('a node that is away is asked less and less often, and no more when all tabs are closed', async () => {
  const { hub, lines, asked, pass, settle } = setting();
  const one = tab();
  hub.join(one);
  await settle();
  for (let i = 0; i < 8; i++) {
    lines.at(-1)?.tear();
    await settle();
    await pass(30_000);
  }
  const before = asked.length;
  hub.leave(one);
  await pass(100_000);
  expect(asked).toHaveLength(before);
});
