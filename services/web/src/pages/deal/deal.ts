// SPDX-License-Identifier: Apache-2.0
// What a deal says of its way through the stages. Pure.
import type { Row } from '@/api/records';
import type { Money } from '@/ui/format';

export interface Deal extends Row {
  name?: string;
  customer?: string;
  pipeline?: string;
  stage?: string;
  state?: string;
  amount?: Money;
  probability?: number;
  close_at?: string;
  owner?: string;
  lost_reason?: string;
  lost_note?: string;
  closed_at?: string;
  handover?: string;
  history?: Visit[];
}
interface Visit {
  visit?: number;
  stage?: string;
  entered_at?: string;
  left_at?: string;
}

export interface Stay {
  visit: number;
  stage: string;
  entered: string;
  /** Absent: the deal is still there. */
  left?: string;
  ms: number;
}

const since = (from: string, to: string | number) => Math.max(0, new Date(to).getTime() - Date.parse(from));

/** In the order in which they were; of a deal that is open the last one goes on until `now`. */
export function staysOf(deal: Deal, now: number): Stay[] {
  return (deal.history ?? [])
    .flatMap(({ visit = 0, stage, entered_at, left_at }) => {
      if (!stage || !entered_at) return [];
      const end = left_at ?? deal.closed_at ?? now;
      return [
        {
          visit,
          stage,
          entered: entered_at,
          ...(left_at ? { left: left_at } : {}),
          ms: since(entered_at, end),
        },
      ];
    })
    .sort((a, b) => a.visit - b.visit);
}

/** Milliseconds in each stage, all stays together. */
export function timeIn(stays: Stay[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { stage, ms } of stays) times.set(stage, (times.get(stage) ?? 0) + ms);
  return times;
}

/** What is to be expected of it; undefined where it says no amount. */
export function weighted({ amount, probability }: Deal): Money | undefined {
  if (!amount || probability === undefined) return undefined;
  return { ...amount, amount_minor: Math.round((amount.amount_minor * probability) / 100) };
}

/** An open deal that should have been closed. */
export const isLate = (deal: Deal, now: number) =>
  deal.state === 'open' && deal.close_at !== undefined && Date.parse(deal.close_at) < now;

interface Task extends Row {
  title?: string;
  due_at?: string;
  state?: string;
}

export type { Task };

/** What is to be done first: by when it is due, what has no date last. */
export const openFirst = (tasks: Task[]): Task[] =>
  tasks
    .filter((task) => task.state !== 'done' && task.archived !== true)
    .sort((a, b) => (a.due_at ?? '9').localeCompare(b.due_at ?? '9') || a.id.localeCompare(b.id));
