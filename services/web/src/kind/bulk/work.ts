// SPDX-License-Identifier: Apache-2.0
// Many requests, a few at a time: goes on after what fails, waits while no node answers, can be stopped.
import { isReachable, onReachable, request } from '@/api/client';
import { newId } from '@/api/id';
import { ApiError, OfflineError } from '@/api/problem';
import type { Row } from '@/api/records';
import type { Call } from './plan';

/** So many requests at once: enough to be quick, few enough that the node serves others between them. */
const AT_ONCE = 4;

export interface Item {
  row: Row;
  name: string;
}
export interface Failure extends Item {
  error: unknown;
}
export interface Progress {
  done: number;
  /** Were so already. */
  same: number;
  failed: Failure[];
  /** The ways back of what was done, oldest first. */
  backs: { item: Item; call: Call }[];
}
export type Send = (call: Call) => Promise<Row | undefined>;

const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));
const reachableAgain = () =>
  isReachable()
    ? pause(1000)
    : new Promise<void>((go) => {
        const forget = onReachable(() => {
          if (!isReachable()) return;
          forget();
          go();
        });
      });

const isBusy = (error: unknown) =>
  error instanceof ApiError && (error.status === 429 || error.status === 503);

/** The same key each time, so that what was done before the answer was lost is not done twice. */
export const sendPatiently: Send = async (call) => {
  const headers = { 'Idempotency-Key': newId(), ...call.headers };
  for (let attempt = 0; ; attempt++)
    try {
      return await request<Row | undefined>(call.method, call.path, {
        headers,
        ...(call.body === undefined ? {} : { body: call.body }),
      });
    } catch (error) {
      if (error instanceof OfflineError) await reachableAgain();
      else if (isBusy(error) && attempt < 6) await pause(250 * 2 ** attempt);
      else throw error;
    }
};

interface Work {
  items: Item[];
  callOf: (item: Item) => Call | undefined;
  backOf: (item: Item, answer: Row | undefined) => Call | undefined;
  send: Send;
  tell: (progress: Progress) => void;
  isStopped: () => boolean;
}

export async function work({ items, callOf, backOf, send, tell, isStopped }: Work): Promise<Progress> {
  const progress: Progress = { done: 0, same: 0, failed: [], backs: [] };
  let next = 0;
  const one = async (item: Item) => {
    const call = callOf(item);
    if (!call) {
      progress.same++;
      return;
    }
    try {
      const answer = await send(call);
      progress.done++;
      const back = backOf(item, answer);
      if (back) progress.backs.push({ item, call: back });
    } catch (error) {
      progress.failed.push({ ...item, error });
    }
  };
  const worker = async () => {
    for (let item = items[next++]; item && !isStopped(); item = items[next++]) {
      await one(item);
      tell(progress);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return progress;
}
