// SPDX-License-Identifier: Apache-2.0
// Who is signed in, what they may, and the ways in and out.
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, request } from './client';
import { ApiError } from './problem';
import type { components } from './schema';

export type Session = components['schemas']['Session'];
export type Action = 'read' | 'create' | 'change' | 'archive' | 'export';

/** null: nobody is signed in. A session without a user: nobody is administrator yet. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await request<Session>('GET', 'session');
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
  meta: { live: { kinds: ['users', 'roles', 'teams'] } },
});

export function useSession(): Session {
  const { data } = useQuery(sessionQuery);
  if (!data) throw new Error('useSession is for what stands behind the sign-in');
  return data;
}

export const useUserId = () => useSession().user?.id;

/** Whether somebody may do this with any record of the kind (its singular name) at all. */
export const may = (session: Session, action: Action, kind: string): boolean =>
  // Whoever looks with the rights of somebody else looks only.
  (!session.viewer || action === 'read') &&
  (session.administrator || (session.rights[kind]?.[action] ?? 'none') !== 'none');

export function useMay(): (action: Action, kind: string) => boolean {
  const session = useSession();
  return (action, kind) => may(session, action, kind);
}

/** Of a record only whose it is counts. */
type Owned = object & { owner?: unknown };
/** What of a kind is asked here. */
interface OwnedKind {
  name: string;
  fields: { name: string; reference?: string }[];
}

/**
 * Whether somebody may do this with one record, as far as that is known here: whose it is, but not who is in which
 * team, nor whose customer it belongs to. The node has the last word.
 */
export function mayWith(session: Session, action: Action, kind: OwnedKind, row: Owned | undefined): boolean {
  if (!may(session, action, kind.name)) return false;
  const scope = session.rights[kind.name]?.[action];
  const isOwned = kind.fields.some((field) => field.name === 'owner' && field.reference === 'users');
  if (!row || session.administrator || scope === 'all' || !isOwned) return true;
  // What is nobody's is for those who may act on all.
  return typeof row.owner === 'string' && (scope !== 'own' || row.owner === session.user?.id);
}

export function useMayWith(): (action: Action, kind: OwnedKind, row: Owned | undefined) => boolean {
  const session = useSession();
  return (action, kind, row) => mayWith(session, action, kind, row);
}

export interface SignIn {
  /** Or the name that one has in the directory. */
  email: string;
  password: string;
  /** Of a second factor, or a recovery code. */
  code?: string;
}

export async function signIn(who: SignIn) {
  await api.POST('/api/v1/session', { body: who });
}

/** The second factor of an account that came back from another provider. */
export async function confirmSignIn(code: string) {
  await request('POST', 'session:confirm', { body: { code } });
}

/** Forgets what was read as this person, too. */
export async function signOut(client: QueryClient) {
  await api.DELETE('/api/v1/session');
  client.clear();
  client.setQueryData(sessionQuery.queryKey, null);
}

export async function forgotPassword(email: string) {
  await request('POST', 'session:forgotPassword', { body: { email } });
}

/** By a link: of an invitation, or of somebody who forgot their password. */
export async function setPasswordByLink(secret: string, password: string) {
  await request('POST', 'session:setPassword', { body: { secret, password } });
}

export interface Founder {
  secret: string;
  name: string;
  email: string;
  password: string;
}
export async function setUp(founder: Founder) {
  await api.POST('/api/v1/setup', { body: founder });
}

export interface Provider {
  id: string;
  name: string;
}
/** By whom people of this node can sign in. */
export interface WaysIn {
  providers: Provider[];
  /** Whose passwords count beside those that were chosen here. */
  directory?: { title: string };
}
/** No providers, where nodes offer no such thing. */
export const waysInQuery = queryOptions({
  queryKey: ['providers'],
  queryFn: async (): Promise<WaysIn> => {
    try {
      return await request<WaysIn>('GET', 'session/providers');
    } catch {
      return { providers: [] };
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
});

export function useSignOut() {
  const client = useQueryClient();
  return () => signOut(client);
}
