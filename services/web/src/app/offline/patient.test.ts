// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test, vi } from 'vitest';
import { setReachable } from '@/api/client';
import { patient } from './patient';

afterEach(() => {
  vi.unstubAllGlobals();
  setReachable(true);
});

const missing = new TypeError('Failed to fetch dynamically imported module: http://here/assets/Board.js');

test('while no node answers a part is waited for, and comes when one does', async () => {
  const node = vi.fn(async () => {
    throw new TypeError('Failed to fetch');
  });
  vi.stubGlobal('fetch', node);
  const load = vi.fn(async () => 'board').mockRejectedValueOnce(missing);
  const part = patient(load)();
  const then = vi.fn();
  void part.then(then);
  await vi.waitFor(() => expect(node).toHaveBeenCalled());
  await new Promise((turn) => setTimeout(turn));
  expect(then).not.toHaveBeenCalled();
  setReachable(true);
  expect(await part).toBe('board');
  expect(load).toHaveBeenCalledTimes(2);
});

test('what a node that answers has not is said, once', async () => {
  vi.stubGlobal('fetch', async () => new Response('', { status: 200 }));
  const load = vi.fn(async () => 'board').mockRejectedValue(missing);
  await expect(patient(load)()).rejects.toBe(missing);
  expect(load).toHaveBeenCalledTimes(1);
});
