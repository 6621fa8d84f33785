// SPDX-License-Identifier: Apache-2.0
// How a ticket stands to its deadline, which moves its state allows, and which one is next. Pure.
import type { Row } from '@/api/records';

export interface Ticket extends Row {
  subject?: string;
  customer?: string;
  text?: string;
  state?: string;
  priority?: string;
  channel?: string;
  owner?: string;
  respond_by?: string;
  responded_at?: string;
  response_breached?: boolean;
}

export type ClockState = 'none' | 'done' | 'due' | 'soon' | 'late' | 'answered' | 'answeredLate';
export interface Clock {
  state: ClockState;
  /** Milliseconds that are left, or that it is over. */
  rest: number;
}

const HOUR = 3_600_000;

export function clockOf(ticket: Ticket, now: number): Clock {
  if (ticket.responded_at) return { state: ticket.response_breached ? 'answeredLate' : 'answered', rest: 0 };
  if (ticket.state === 'resolved' || ticket.state === 'closed') return { state: 'done', rest: 0 };
  if (!ticket.respond_by) return { state: 'none', rest: 0 };
  const rest = new Date(ticket.respond_by).getTime() - now;
  if (rest <= 0 || ticket.response_breached) return { state: 'late', rest: Math.max(0, -rest) };
  return { state: rest < HOUR ? 'soon' : 'due', rest };
}

/** Seconds matter in the last ten minutes only. */
export const shownRest = (rest: number) => (rest < 10 * 60_000 ? rest : rest - (rest % 60_000));

export type Move = 'respond' | 'wait' | 'resolve' | 'close' | 'reopen';
const moves: Record<string, Move[]> = {
  new: ['respond', 'resolve', 'close'],
  open: ['respond', 'resolve', 'wait'],
  waiting: ['respond', 'resolve', 'reopen'],
  resolved: ['close', 'reopen'],
  closed: ['reopen'],
};
export const movesOf = (ticket: Ticket): Move[] => moves[ticket.state ?? 'new'] ?? [];

const ranks = ['urgent', 'high', 'normal', 'low'];
const rankOf = (ticket: Ticket) => {
  const rank = ranks.indexOf(ticket.priority ?? 'normal');
  return rank < 0 ? 2 : rank;
};
const timeOf = (ticket: Ticket) =>
  ticket.responded_at || !ticket.respond_by ? Number.POSITIVE_INFINITY : Date.parse(ticket.respond_by);

/** Whoever waits for a first answer goes first, by deadline; then by priority, then who came first. */
export const byUrgency = (all: Ticket[]): Ticket[] =>
  [...all].sort(
    (a, b) =>
      (timeOf(a) === timeOf(b) ? 0 : timeOf(a) - timeOf(b)) ||
      rankOf(a) - rankOf(b) ||
      (a.created_at ?? '').localeCompare(b.created_at ?? ''),
  );

export type Whose = 'all' | 'mine' | 'nobody';
export const ofWhom = (all: Ticket[], whose: Whose, user: string | undefined): Ticket[] =>
  whose === 'all' ? all : all.filter((ticket) => (whose === 'mine' ? ticket.owner === user : !ticket.owner));

/** The most urgent other ticket that is one's own or nobody's. */
export const nextOf = (all: Ticket[], now: string, user: string | undefined): Ticket | undefined =>
  byUrgency(all).find((ticket) => ticket.id !== now && (!ticket.owner || ticket.owner === user));
