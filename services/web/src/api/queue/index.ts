// SPDX-License-Identifier: Apache-2.0
// The queue of this browser, wired to the node.
import { useSyncExternalStore } from 'react';
import { isReachable, onReachable, request } from '../client';
import { ApiError, inWords, OfflineError } from '../problem';
import { onStreamState, streamState } from '../stream/connect';
import { keeper } from './keeper';
import { type Command, Queue } from './queue';

export { type Command, later } from './queue';

let user: string | undefined;
/** Who is signed in: only what they typed is sent. */
export function setQueueUser(id: string | undefined) {
  user = id;
  void queue.flush();
}
export const queueUser = () => user;

export const queue = new Queue(
  keeper,
  {
    send: (command: Command) =>
      request(command.method, command.path, {
        ...(command.body === undefined ? {} : { body: command.body }),
        headers: { ...command.headers, 'Idempotency-Key': command.key },
      }),
    // A node that is closed or full for a moment, or a session that has ended, is no "no" either.
    isUnreachable: (error) =>
      error instanceof OfflineError ||
      (error instanceof ApiError && (error.status === 503 || error.status === 401)),
    inWords,
  },
  () => user ?? 'nobody',
);

const RETRY_MS = 10_000;

/** Once for a tab. */
export function openQueue() {
  const flush = () => {
    if (queue.outbox().waiting.length) void queue.flush();
  };
  // Several tabs read the same store; one sends at a time, and keys make the rest harmless.
  void queue.open().then(flush);
  onReachable(() => isReachable() && flush());
  onStreamState(() => streamState() === 'live' && flush());
  addEventListener('online', flush);
  setInterval(flush, RETRY_MS);
}

export const useOutbox = () => useSyncExternalStore(queue.subscribe, queue.outbox);
