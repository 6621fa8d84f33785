// SPDX-License-Identifier: Apache-2.0
// Requests that wait while no node answers, and are sent once more while it is full.
import { isReachable, request, whenReachable } from '@/api/client';
import { newId } from '@/api/id';
import { ApiError, OfflineError } from '@/api/problem';
import type { Row } from '@/api/records';
import type { Call } from './plan';

const pause = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));
const reachableAgain = () => (isReachable() ? pause(1000) : whenReachable());

export const isBusy = (error: unknown) =>
  error instanceof ApiError && (error.status === 429 || error.status === 503);

export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++)
    try {
      return await ask();
    } catch (error) {
      if (error instanceof OfflineError) await reachableAgain();
      else if (isBusy(error) && attempt < 6) await pause(250 * 2 ** attempt);
      else throw error;
    }
}

/** The same key each time, so that what was done before the answer was lost is not done twice. */
export function sendPatiently(call: Call, key = newId()): Promise<Row | undefined> {
  const headers = { 'Idempotency-Key': key, ...call.headers };
  const body = call.body === undefined ? {} : { body: call.body };
  return patiently(() => request<Row | undefined>(call.method, call.path, { headers, ...body }));
}
