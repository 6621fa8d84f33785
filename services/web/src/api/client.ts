// SPDX-License-Identifier: Apache-2.0
// The one way to the node. `api` and `$api` know every path and shape of the OpenAPI document;
// `request` is for paths that are made at run time, as those of a kind that an administrator added.
import createClient from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { ApiError, OfflineError, type Problem } from './problem';
import type { paths } from './schema';
import { isViewing, viewHeaders } from './view';

export const base = '/api/v1';

type Listener = () => void;
const signedOut = new Set<Listener>();
/** Calls back when the node says that nobody is signed in any more. */
export function onSignedOut(tell: Listener) {
  signedOut.add(tell);
  return () => void signedOut.delete(tell);
}

let reachable = true;
const reachability = new Set<Listener>();
export const isReachable = () => reachable;
export function onReachable(tell: Listener) {
  reachability.add(tell);
  return () => void reachability.delete(tell);
}
/** The stream learns of it, too, and often first. */
export function setReachable(now: boolean) {
  if (now === reachable) return;
  reachable = now;
  for (const tell of reachability) tell();
}

/** At once, or as soon as a node answers again. */
export const whenReachable = () =>
  new Promise<void>((go) => {
    if (reachable) return go();
    const stop = onReachable(() => {
      if (!reachable) return;
      stop();
      go();
    });
  });

async function problemOf(response: Response): Promise<Problem> {
  try {
    return (await response.clone().json()) as Problem;
  } catch {
    return { status: response.status };
  }
}

function asOther(input: Request | string, init?: RequestInit): Request {
  const asked = new Request(input, init);
  for (const [name, value] of Object.entries(viewHeaders())) asked.headers.set(name, value);
  return asked;
}

/** fetch, but every answer that is no success is thrown. */
export async function fetchOrThrow(input: Request | string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(isViewing() ? asOther(input, init) : input, isViewing() ? undefined : init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    setReachable(false);
    throw new OfflineError(error);
  }
  if (response.status === 502 || response.status === 504) {
    setReachable(false);
    throw new OfflineError();
  }
  setReachable(true);
  if (response.ok) return response;
  const url = typeof input === 'string' ? input : input.url;
  if (response.status === 401 && !url.includes(`${base}/session`)) for (const tell of signedOut) tell();
  throw new ApiError(response.status, await problemOf(response));
}

/** Asks whether the node answers, and lets everybody know. One that takes no commands just now does answer. */
export async function askReachable(): Promise<boolean> {
  await fetchOrThrow('/readyz', { cache: 'no-store' }).catch(() => undefined);
  return reachable;
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: fetchOrThrow });
export const $api = createQueryClient(api);

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Ask {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export function urlOf(path: string, query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') asked.set(name, String(value));
  const text = asked.toString();
  return `${base}/${path}${text ? `?${text}` : ''}`;
}

/** `path` is below /api/v1, as in request('GET', 'deals'). */
export async function request<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { ...ask.headers };
  const init: RequestInit = { method, headers };
  if (ask.signal) init.signal = ask.signal;
  if (ask.body !== undefined) {
    headers['Content-Type'] ??= method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    init.body = typeof ask.body === 'string' ? ask.body : JSON.stringify(ask.body);
  }
  const response = await fetchOrThrow(urlOf(path, ask.query), init);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}
