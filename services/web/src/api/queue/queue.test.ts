// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { type Command, type Keeper, later, Queue } from './queue';

const gone = new Error('unreachable');

/** A node that may be away, and remembers in which order it was asked. */
function world() {
  const kept = new Map<string, Command>();
  const keeper: Keeper = {
    load: async () => structuredClone([...kept.values()]),
    put: async (command) => void kept.set(command.key, structuredClone(command)),
    remove: async (key) => void kept.delete(key),
  };
  const node = { away: false, sent: [] as string[], refuses: new Set<string>() };
  const carrier = {
    send: async (command: Command) => {
      if (node.away) throw gone;
      if (node.refuses.has(command.key)) throw new Error('no');
      node.sent.push(command.key);
      return { ok: command.key };
    },
    isUnreachable: (error: unknown) => error === gone,
    inWords: (error: unknown) => String((error as Error).message),
  };
  const who = { user: 'ada' };
  return {
    kept,
    node,
    who,
    queue: new Queue(keeper, carrier, () => who.user),
    again: () => new Queue(keeper, carrier, () => who.user),
  };
}

const command = (key: string, user = 'ada'): Command => ({
  key,
  method: 'POST',
  path: 'deals',
  label: key,
  user,
  at: 0,
});

test('a command that the node answers is not kept', async () => {
  const { queue, kept } = world();
  expect(await queue.send(command('1'))).toEqual({ ok: '1' });
  expect(kept.size).toBe(0);
});

test('what finds no node is kept, and sent in order when it is back', async () => {
  const { queue, kept, node } = world();
  node.away = true;
  expect(await queue.send(command('1'))).toBe(later);
  expect(await queue.send(command('2'))).toBe(later);
  expect(queue.outbox().waiting.map((one) => one.key)).toEqual(['1', '2']);
  expect(kept.size).toBe(2);
  node.away = false;
  await queue.flush();
  expect(node.sent).toEqual(['1', '2']);
  expect(kept.size).toBe(0);
  expect(queue.outbox()).toEqual({ waiting: [], refused: [], sending: false });
});

test('a later command never overtakes one that waits', async () => {
  const { queue, node } = world();
  node.away = true;
  await queue.send(command('1'));
  node.away = false;
  expect(await queue.send(command('2'))).toBe(later);
  await queue.flush();
  expect(node.sent).toEqual(['1', '2']);
});

test('a tab that is closed loses nothing', async () => {
  const { queue, node, again } = world();
  node.away = true;
  await queue.send(command('1'));
  node.away = false;
  const next = again();
  await next.open();
  await next.flush();
  expect(node.sent).toEqual(['1']);
});

test('a no is thrown at once, and of a command that waited it is kept with its reason', async () => {
  const { queue, node } = world();
  node.refuses.add('1').add('2');
  await expect(queue.send(command('1'))).rejects.toThrow('no');
  node.away = true;
  await queue.send(command('2'));
  await queue.send(command('3'));
  node.away = false;
  await queue.flush();
  expect(node.sent).toEqual(['3']);
  expect(queue.outbox().refused).toMatchObject([{ key: '2', refused: 'no' }]);
  node.refuses.clear();
  await queue.retry('2');
  expect(node.sent).toEqual(['3', '2']);
  expect(queue.outbox().refused).toEqual([]);
});

test('what one person typed is never sent as another', async () => {
  const { queue, node, who } = world();
  node.away = true;
  await queue.send(command('1'));
  node.away = false;
  who.user = 'ben';
  await queue.flush();
  expect(node.sent).toEqual([]);
  expect(queue.outbox().waiting).toEqual([]);
  who.user = 'ada';
  await queue.flush();
  expect(node.sent).toEqual(['1']);
});

test('flushing twice at once sends once', async () => {
  const { queue, node } = world();
  node.away = true;
  await queue.send(command('1'));
  node.away = false;
  await Promise.all([queue.flush(), queue.flush()]);
  expect(node.sent).toEqual(['1']);
});
