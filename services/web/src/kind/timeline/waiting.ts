// SPDX-License-Identifier: Apache-2.0
import type { Command } from '@/api/queue';
import type { About } from './Composer';

export interface WaitingEntry {
  key: string;
  /** "note", "call", "task". */
  way: string;
  text: string;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** What was written down here and is not sent yet, the newest first. */
export function waitingAbout(commands: readonly Command[], about: About): WaitingEntry[] {
  return commands
    .filter(({ method, path }) => method === 'POST' && (path === 'interactions' || path === 'tasks'))
    .map(({ key, path, body }) => ({ key, path, said: (body ?? {}) as Record<string, unknown> }))
    .filter(({ said }) => Object.entries(about).every(([name, id]) => said[name] === id))
    .map(({ key, path, said }) => ({
      key,
      way: path === 'tasks' ? 'task' : textOf(said.type),
      text: textOf(path === 'tasks' ? said.title : said.text),
    }))
    .reverse();
}
