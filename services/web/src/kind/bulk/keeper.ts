// SPDX-License-Identifier: Apache-2.0
// Runs in IndexedDB, so that a reload or an empty battery ends none: what is known of each, and its records in
// chunks, which are written together or not at all.
import type { Item, Keeper, Run } from './run';

const settle = <T>(asked: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

function open(): Promise<IDBDatabase> {
  const asked = indexedDB.open('liaison-runs', 1);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore('runs', { keyPath: 'id' });
    asked.result.createObjectStore('chunks', { keyPath: ['run', 'at'] });
  };
  return settle(asked);
}

let opened: Promise<IDBDatabase> | undefined;
async function stores(mode: IDBTransactionMode) {
  opened ??= open();
  const dealing = (await opened).transaction(['runs', 'chunks'], mode);
  return { runs: dealing.objectStore('runs'), chunks: dealing.objectStore('chunks') };
}

/** So long a tab that is gone keeps others from going on with its runs. */
export const LEASE_MS = 6000;
const lease = (tab: string) => ({ tab, until: Date.now() + LEASE_MS });
const isTakenFrom = (run: Run, tab: string) =>
  run.lease !== undefined && run.lease.tab !== tab && run.lease.until > Date.now();

export const keeperOf = (tab: string): Keeper => ({
  save: async (run, made = []) => {
    const { runs, chunks } = await stores('readwrite');
    const kept = (await settle(runs.get(run.id))) as Run | undefined;
    if (!kept || isTakenFrom(kept, tab)) return false;
    run.stop ||= kept.stop === true;
    runs.put({ ...run, lease: lease(tab) });
    for (const { at, items } of made) chunks.put({ run: run.id, at, items });
    return new Promise<boolean>((resolve, reject) => {
      runs.transaction.oncomplete = () => resolve(true);
      runs.transaction.onabort = () => reject(runs.transaction.error);
    });
  },
  chunk: async (run, at) => {
    const { chunks } = await stores('readonly');
    return ((await settle(chunks.get([run, at]))) as { items: Item[] } | undefined)?.items ?? [];
  },
});

export const allRuns = async () => settle((await stores('readonly')).runs.getAll()) as Promise<Run[]>;
export const addRun = async (run: Run) => void (await settle((await stores('readwrite')).runs.put(run)));

/** The run, if this tab is the one that goes on with it; asked again and again, it stays so. */
export async function claimRun(id: string, tab: string): Promise<Run | undefined> {
  const { runs } = await stores('readwrite');
  const run = (await settle(runs.get(id))) as Run | undefined;
  if (!run || isTakenFrom(run, tab)) return undefined;
  await settle(runs.put({ ...run, lease: lease(tab) }));
  return run;
}

/** Whoever goes on with it stops at its next writing. */
export async function stopRun(id: string): Promise<void> {
  const { runs } = await stores('readwrite');
  const run = (await settle(runs.get(id))) as Run | undefined;
  if (run) await settle(runs.put({ ...run, stop: true }));
}

export async function removeRun(id: string): Promise<void> {
  const { runs, chunks } = await stores('readwrite');
  runs.delete(id);
  await settle(chunks.delete(IDBKeyRange.bound([id, 0], [id, Number.MAX_SAFE_INTEGER])));
}

/** Every record that could not be changed, up to so many. */
export async function failuresOf(run: Run, most = 1000): Promise<Item[]> {
  const found: Item[] = [];
  for (let at = 0; at < run.chunks && found.length < most; at++) {
    const { chunks } = await stores('readonly');
    const chunk = (await settle(chunks.get([run.id, at]))) as { items: Item[] } | undefined;
    found.push(...(chunk?.items ?? []).filter((item) => item.state === 'failed'));
  }
  return found.slice(0, most);
}
