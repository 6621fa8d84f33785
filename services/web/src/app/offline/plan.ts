// SPDX-License-Identifier: Apache-2.0
// What the app's own worker does with a request, so that the app opens, and its pages do, while no node answers.
// Pure: see worker.ts for who asks.

export interface Asked {
  method: string;
  url: string;
  /** Of a request: 'navigate' is somebody who goes to a page. */
  mode: string;
}

/**
 * `kept`: a file that never changes, from what is kept, else from the node. `page`: from the node, and while it does
 * not answer the page that is kept. `node`: as if there were no worker.
 */
export type Plan = 'kept' | 'page' | 'node';

/** Answers of programs, events among them, are never kept: what they say holds for a moment, and for one person. */
const isProgram = (path: string) => path.startsWith('/api/') || /^\/(livez|readyz|metrics)$/.test(path);

export function planOf(asked: Asked, origin: string, files: ReadonlySet<string>): Plan {
  if (asked.method !== 'GET') return 'node';
  const { origin: of, pathname } = new URL(asked.url);
  if (of !== origin || isProgram(pathname)) return 'node';
  if (asked.mode === 'navigate') return 'page';
  return files.has(pathname) ? 'kept' : 'node';
}

/** A proxy that answers for a node that does not is no node. */
export const isAnswered = (status: number) => status !== 502 && status !== 503 && status !== 504;
