// SPDX-License-Identifier: Apache-2.0
// Who looked at what and who changed what, as one asks for it and takes it away. Pure but for what reads.
import { request } from '@/api/client';
import type { components } from '@/api/schema';
import { fromLocal } from '@/kind/field/time';

export type Entry = components['schemas']['AuditEntry'];
type Page = components['schemas']['Audit'];

export const auditActions = [
  'read',
  'page',
  'timeline',
  'list',
  'search',
  'consents',
  'export',
  'stream',
  'audit',
  'duplicates',
  'lost',
  'signed_in',
  'signed_out',
  'not_signed_in',
] as const;
export type AuditAction = (typeof auditActions)[number];

/** The key of its text: some names mean something else on the page. */
export const textOf = (action: string) =>
  action === 'export'
    ? 'exported'
    : action === 'audit'
      ? 'audited'
      : (action as Exclude<AuditAction, 'export' | 'audit'>);

export interface Question {
  actor?: string;
  action?: string;
  customer?: string;
  /** As typed: a day and a time of the person's zone. */
  since?: string;
  until?: string;
}

/** Who changed what: the same, and the lines of a bulk run. */
export interface DeedsQuestion {
  actor?: string;
  kind?: string;
  run?: string;
  since?: string;
  until?: string;
}

const plain = ['actor', 'action', 'customer', 'kind', 'run'] as const;

/** What was filled in, as the node is asked for it. */
export function askOf(question: Question & DeedsQuestion): Record<string, string> {
  const asked: Record<string, string> = {};
  for (const part of plain) {
    const value = question[part];
    if (value) asked[part] = value;
  }
  for (const part of ['since', 'until'] as const) {
    const instant = question[part] ? fromLocal(question[part], 'instant') : null;
    if (typeof instant === 'string') asked[part] = instant;
  }
  return asked;
}

export async function readTrail(
  question: Question,
  token?: string,
  size = 50,
  signal?: AbortSignal,
): Promise<{ entries: Entry[]; next?: string }> {
  const query = { ...askOf(question), page_size: size, page_token: token };
  const said = await request<Page>('GET', 'audit', signal ? { query, signal } : { query });
  return { entries: said.audit, ...(said.next_page_token ? { next: said.next_page_token } : {}) };
}

export type Deed = components['schemas']['Deed'];

export async function readDeeds(
  question: DeedsQuestion,
  token?: string,
  size = 50,
  signal?: AbortSignal,
): Promise<{ deeds: Deed[]; next?: string }> {
  const query = { ...askOf(question), page_size: size, page_token: token };
  const said = await request<components['schemas']['Deeds']>(
    'GET',
    'changes',
    signal ? { query, signal } : { query },
  );
  return { deeds: said.changes, ...(said.next_page_token ? { next: said.next_page_token } : {}) };
}

const columns = [
  'at',
  'actor',
  'action',
  'kind',
  'record',
  'count',
  'times',
  'customer_count',
  'customers',
  'everybody',
  'words',
  'address',
] as const;

/** A cell of CSV. What a table program would take for a formula is told apart by an apostrophe. */
function cell(value: unknown): string {
  const plain = Array.isArray(value) ? value.join(' ') : value === undefined ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const toCsv = (entries: readonly Entry[]): string =>
  [columns.join(','), ...entries.map((entry) => columns.map((column) => cell(entry[column])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('');
