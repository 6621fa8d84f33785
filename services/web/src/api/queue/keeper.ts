// SPDX-License-Identifier: Apache-2.0
// Commands that wait, in IndexedDB, so that a closed tab or an empty battery loses none.
import type { Command, Keeper } from './queue';

const settle = <T>(asked: IDBRequest<T>) =>
  new Promise<T>((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

function open(): Promise<IDBDatabase> {
  const asked = indexedDB.open('liaison', 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore('commands', { keyPath: 'key' });
  return settle(asked);
}

let opened: Promise<IDBDatabase> | undefined;
async function store(mode: IDBTransactionMode) {
  opened ??= open();
  return (await opened).transaction('commands', mode).objectStore('commands');
}

export const keeper: Keeper = {
  load: async () => settle((await store('readonly')).getAll()) as Promise<Command[]>,
  put: async (command) => void (await settle((await store('readwrite')).put(command))),
  remove: async (key) => void (await settle((await store('readwrite')).delete(key))),
};
