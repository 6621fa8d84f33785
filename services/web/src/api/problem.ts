// SPDX-License-Identifier: Apache-2.0
// What can go wrong with a request, as one error class, and in words for people.
import { defineTexts } from '@/texts';

/** A problem document (RFC 9457) as nodes send it. */
export interface Problem {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  /** Of a refusal. */
  code?: string;
  /** The record as it stands, when it was changed meanwhile (412). */
  current?: Record<string, unknown>;
}

/** The node answered, and said no. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;
  constructor(status: number, problem: Problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
  }
}

/** No answer came: no network, no node, or a proxy without a node behind it. */
export class OfflineError extends Error {
  constructor(cause?: unknown) {
    super('no answer', { cause });
    this.name = 'OfflineError';
  }
}

export const isStatus = (error: unknown, status: number): error is ApiError =>
  error instanceof ApiError && error.status === status;

const { texts } = defineTexts('problem', {
  en: {
    offline: 'The node cannot be reached. What you do is kept and sent later.',
    signedOut: 'You are signed out. Sign in again; nothing that you typed is lost.',
    forbidden: 'You have no right to do this.',
    absent: 'This is not there, or you may not see it.',
    gone: 'This was erased and is gone for good.',
    changed: 'Somebody else has changed this meanwhile.',
    sentBefore: 'This was sent before with other contents. Try it once more.',
    tooMany: 'Too many attempts. Wait a little and try again.',
    tooLarge: 'That is more than the node takes at once.',
    full: 'The node has no room left. An administrator must make some.',
    busy: 'The node is busy. Try again in a moment.',
    broken: 'The node has failed at this. Its log says more.',
  },
  de: {
    offline: 'Der Knoten ist nicht erreichbar. Ihre Eingaben bleiben erhalten und werden später gesendet.',
    signedOut: 'Sie sind abgemeldet. Melden Sie sich wieder an; nichts Getipptes geht verloren.',
    forbidden: 'Dazu haben Sie kein Recht.',
    absent: 'Das gibt es nicht, oder Sie dürfen es nicht sehen.',
    gone: 'Das wurde gelöscht und ist endgültig fort.',
    changed: 'Jemand anderes hat das inzwischen geändert.',
    sentBefore: 'Das wurde schon einmal mit anderem Inhalt gesendet. Versuchen Sie es noch einmal.',
    tooMany: 'Zu viele Versuche. Warten Sie etwas und versuchen Sie es erneut.',
    tooLarge: 'Das ist mehr, als der Knoten auf einmal annimmt.',
    full: 'Der Knoten hat keinen Platz mehr. Die Verwaltung muss welchen schaffen.',
    busy: 'Der Knoten ist beschäftigt. Versuchen Sie es gleich noch einmal.',
    broken: 'Der Knoten ist daran gescheitert. Sein Protokoll sagt mehr.',
  },
});

const byStatus: Record<number, Parameters<typeof texts>[0]> = {
  401: 'signedOut',
  404: 'absent',
  410: 'gone',
  412: 'changed',
  413: 'tooLarge',
  429: 'tooMany',
  502: 'offline',
  503: 'busy',
  504: 'offline',
  507: 'full',
};

/** One sentence for a toast or beside a field. A refusal's own words are kept: they say what to do. */
export function inWords(error: unknown): string {
  if (error instanceof OfflineError) return texts('offline');
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  const { status, problem } = error;
  if (problem.type === '/problems/key-reused') return texts('sentBefore');
  if (
    (status === 400 || status === 409 || status === 422 || problem.code) &&
    (problem.detail || problem.title)
  )
    return sentence(problem.detail ?? problem.title ?? '');
  if (status === 403) return problem.detail ? sentence(problem.detail) : texts('forbidden');
  const known = byStatus[status];
  if (known) return texts(known);
  if (status >= 500) return texts('broken');
  return sentence(problem.detail ?? problem.title ?? `HTTP ${status}`);
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
