// SPDX-License-Identifier: Apache-2.0

/** At the latest, also where the browser finds no idle moment. */
const TIMEOUT_MS = 500;

/**
 * Does what makes later things quick, when nothing else is to be done. What fails then is tried again by whoever
 * wants it. Answers how to leave it off.
 */
export function whenIdle(work: () => Promise<unknown>): () => void {
  const begin = () => void work().catch(() => undefined);
  if (!globalThis.requestIdleCallback) {
    const timer = setTimeout(begin, TIMEOUT_MS);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(begin, { timeout: TIMEOUT_MS });
  return () => cancelIdleCallback(handle);
}
