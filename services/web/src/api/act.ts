// SPDX-License-Identifier: Apache-2.0
// Doing something: shown at once, confirmed or taken back by the node's answer, undone from the toast.
import type { QueryClient } from '@tanstack/react-query';
import { defineTexts } from '@/texts';
import { say, sayFailure } from '@/ui/toast';
import { newId } from './id';
import { ApiError } from './problem';
import { later, queue, queueUser } from './queue';
import { patched, placeRow, type Row } from './records';
import { isViewing } from './view';

const { texts } = defineTexts('act', {
  en: {
    saved: 'Saved',
    undone: 'Undone',
    undo: 'Undo',
    looksOnly: 'You look as somebody else does: nothing can be changed.',
    kept: 'Kept here, sent as soon as the node can be reached',
  },
  de: {
    saved: 'Gespeichert',
    undone: 'Rückgängig gemacht',
    undo: 'Rückgängig',
    looksOnly: 'Sie sehen Liaison gerade als jemand anderes: ändern lässt sich nichts.',
    kept: 'Hier aufbewahrt; gesendet, sobald der Knoten erreichbar ist',
  },
});

/** A request that changes something. */
export interface Call {
  method: string;
  /** Below /api/v1. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Act extends Call {
  /** In the person's words, for what waits: "Amount of Fleet renewal". */
  label: string;
  /** The record that changes, with the fields as they will be: shown before the node answers. */
  record?: { plural: string; id: string; patch?: Record<string, unknown> };
  /** What the toast says; null: none (where the screen itself shows it). */
  done?: string | null;
  /** Whether the toast offers the API's undo of the record's last change. Default: with a patch. */
  undo?: boolean;
  /** What takes it back where that is no undo of fields: of a command, from the node's answer. */
  wayBack?: (answer: Row | undefined) => Call | undefined;
  /** The caller shows a "no" itself. */
  quiet?: boolean;
}

/** The node's answer; undefined while it waits to be sent. Throws a "no" after taking back what was shown. */
export async function act<T = Row>(client: QueryClient, what: Act): Promise<T | undefined> {
  const { record } = what;
  if (isViewing()) {
    say(texts('looksOnly'), { id: 'looksOnly', color: 'red' });
    throw new ApiError(403, { detail: texts('looksOnly') });
  }
  const takeBack = record?.patch ? show(client, record.plural, record.id, record.patch) : undefined;
  try {
    const answer = await queue.send({
      key: newId(),
      method: what.method,
      path: what.path,
      ...(what.body === undefined ? {} : { body: what.body }),
      ...(what.headers ? { headers: what.headers } : {}),
      label: what.label,
      user: queueUser() ?? 'nobody',
      at: Date.now(),
    });
    if (answer === later) {
      say(texts('kept'), { id: 'kept' });
      return undefined;
    }
    settle(client, what, answer as Row | undefined);
    return answer as T;
  } catch (error) {
    takeBack?.();
    if (!what.quiet) sayFailure(error);
    throw error;
  }
}

/** Changes fields of a record (RFC 7396). `from` is the version that the person saw, to stop a lost update. */
export const change = (
  client: QueryClient,
  plural: string,
  row: Row,
  patch: Record<string, unknown>,
  label: string,
  more: Partial<Act> = {},
) =>
  act(client, {
    method: 'PATCH',
    path: `${plural}/${row.id}`,
    body: patch,
    label,
    record: { plural, id: row.id, patch },
    ...more,
  });

function show(client: QueryClient, plural: string, id: string, patch: Record<string, unknown>) {
  const before: Record<string, unknown> = {};
  placeRow(client, plural, id, (row) => {
    for (const name of Object.keys(patch)) before[name] = row[name] ?? null;
    return patched(row, patch);
  });
  return () => placeRow(client, plural, id, (row) => patched(row, before));
}

function settle(client: QueryClient, what: Act, answer: Row | undefined) {
  const { record } = what;
  if (record && answer?.id === record.id)
    placeRow(client, record.plural, record.id, (row) => ({ ...row, ...answer }));
  if (what.done === null) return;
  const undo = takingBack(client, what, answer);
  say(what.done ?? texts('saved'), undo ? { action: { label: texts('undo'), run: undo } } : {});
}

function takingBack(client: QueryClient, what: Act, answer: Row | undefined): (() => void) | undefined {
  const { record } = what;
  const back = what.wayBack?.(answer);
  if (record && back) return () => void takeBack(client, record.plural, record.id, back);
  const undo = record && (what.undo ?? record.patch !== undefined);
  return undo ? () => void undoLast(client, record.plural, record.id) : undefined;
}

async function takeBack(client: QueryClient, plural: string, id: string, call: Call) {
  const what = { ...call, label: texts('undo'), record: { plural, id }, done: texts('undone') };
  const answer = await act<Row>(client, what).catch(() => undefined);
  // Of lists that hold it without naming it, too.
  const holds = (key: readonly unknown[]) => key.includes(id) || (key[0] === 'all' && key[1] === plural);
  if (answer) await client.invalidateQueries({ predicate: (query) => holds(query.queryKey) });
}

/** Takes back one's own last change of the record. */
export const undoLast = (client: QueryClient, plural: string, id: string) =>
  takeBack(client, plural, id, { method: 'POST', path: `${plural}/${id}:undo`, body: {} });
