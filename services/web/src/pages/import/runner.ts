// SPDX-License-Identifier: Apache-2.0
// Sends a file piece by piece, also while the person looks at other pages. Each piece begins where the
// node says that the last one was done, so going on after any break is asking where that is.
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { isStatus } from '@/api/problem';
import { pieceAt, pieceBytes, pieceBytesMax } from './file';
import { type Import, importQuery, importsQuery, send } from './query';

export interface Feed {
  size: number;
  ask: () => Promise<Import>;
  send: (piece: ReturnType<typeof pieceAt>) => Promise<Import>;
  told: (now: Import) => void;
  isStopped: () => boolean;
}

/** Until the file is done or somebody says stop. */
export async function feed({ size, ask, send, told, isStopped }: Feed): Promise<void> {
  let now = await ask();
  let length = pieceBytes;
  told(now);
  while (!now.complete && !isStopped()) {
    const offset = now.offset ?? 0;
    try {
      now = await send(pieceAt(offset, size, length));
    } catch (error) {
      if (!isStatus(error, 409)) throw error;
      now = await ask();
      if (now.offset === offset) throw error;
    }
    told(now);
    if (now.complete || (now.offset ?? 0) > offset) length = pieceBytes;
    else if (length >= pieceBytesMax) throw new Error('one line is longer than a piece can be');
    else length *= 2;
  }
}

interface Run {
  state: 'running' | 'stopped' | 'failed';
  error?: unknown;
}
const runs = new Map<string, Run>();
const listeners = new Set<() => void>();
function mark(id: string, run: Run | undefined) {
  if (run) runs.set(id, run);
  else runs.delete(id);
  for (const tell of listeners) tell();
}
const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
export const useRun = (id: string): Run | undefined => useSyncExternalStore(subscribe, () => runs.get(id));

export const stop = (id: string) => mark(id, { state: 'stopped' });

export async function start(client: QueryClient, id: string, file: File) {
  if (runs.get(id)?.state === 'running') return;
  mark(id, { state: 'running' });
  const query = importQuery(id);
  try {
    await feed({
      size: file.size,
      ask: () => client.fetchQuery({ ...query, staleTime: 0 }),
      send: (piece) => send(id, client.getQueryData(query.queryKey)?.format ?? 'csv', file, piece),
      told: (now) => client.setQueryData(query.queryKey, now),
      isStopped: () => runs.get(id)?.state !== 'running',
    });
    if (runs.get(id)?.state === 'running') mark(id, undefined);
  } catch (error) {
    mark(id, { state: 'failed', error });
  }
  await client.invalidateQueries({ queryKey: importsQuery.queryKey });
}
