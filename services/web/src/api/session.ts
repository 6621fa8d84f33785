// SPDX-License-Identifier: Apache-2.0
// Who is signed in, what they may, and the ways in and out.
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, request } from './client';
import { ApiError } from './problem';
import { type Reach, useReach } from './reach';
import { type Row, recordQuery } from './records';
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

/** Of a record only whose it is counts, its own or that of its customer. */
type Owned = object & { owner?: unknown; customer?: unknown };
/** What of a kind is asked here. */
interface OwnedKind {
  name: string;
  fields: { name: string; reference?: string }[];
}
/** What is known beside the record. */
interface Known {
  reach?: Reach;
  /** Whose a customer is: null is nobody's, undefined is not known here. */
  ownerOf?: (customer: string) => string | null | undefined;
}

/** Each for themselves: what holds for them is not said by whose they are. */
const special = new Set(['comment', 'saved_view', 'page_layout']);

const refersTo = (kind: OwnedKind, name: string, plural: string) =>
  kind.fields.some((field) => field.name === name && field.reference === plural);

/** Whose a record is: null is nobody's, undefined is not known. */
function ownerIn(kind: OwnedKind, row: Owned, known: Known): string | null | undefined {
  if (refersTo(kind, 'owner', 'users')) return typeof row.owner === 'string' ? row.owner : null;
  if (!refersTo(kind, 'customer', 'customers') || typeof row.customer !== 'string') return undefined;
  return known.ownerOf?.(row.customer);
}

/** Whether somebody may do this with one record, as far as that is known here. The node has the last word. */
export function mayWith(
  session: Session,
  action: Action,
  kind: OwnedKind,
  row: Owned | undefined,
  known: Known = {},
): boolean {
  if (!may(session, action, kind.name)) return false;
  const scope = session.rights[kind.name]?.[action];
  if (!row || session.administrator || scope === 'all' || special.has(kind.name)) return true;
  const owner = ownerIn(kind, row, known);
  if (owner === undefined) return true;
  // What is nobody's is for those who may act on all.
  if (owner === null) return false;
  if (scope === 'team' || scope === 'subtree') return known.reach?.(scope, owner) ?? true;
  return owner === session.user?.id;
}

const isOfTeam = (session: Session) =>
  !session.administrator &&
  Object.entries(session.rights).some(
    ([kind, actions]) =>
      !special.has(kind) && Object.values(actions).some((scope) => scope === 'team' || scope === 'subtree'),
  );

export function useMayWith(): (action: Action, kind: OwnedKind, row: Owned | undefined) => boolean {
  const session = useSession();
  const client = useQueryClient();
  const reach = useReach(isOfTeam(session) ? session.user?.id : undefined);
  return useCallback(
    (action, kind, row) => {
      const ownerOf = (customer: string) => {
        const row = client.getQueryData<Row>(recordQuery('customers', customer).queryKey);
        return row && (typeof row.owner === 'string' ? row.owner : null);
      };
      return mayWith(session, action, kind, row, { reach, ownerOf });
    },
    [session, client, reach],
  );
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
