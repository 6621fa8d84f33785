// SPDX-License-Identifier: Apache-2.0
// What a department's day is made of: short lists and figures, each a filter over records. Pure.
import type { Department } from '@/app/area';
import type { Group } from '@/kind/board/columns';
import type { Money } from '@/ui/format';

type ListName = 'tasks' | 'offers' | 'closing' | 'stalled' | 'campaigns' | 'starting';
type FigureName = 'openDeals' | 'wonDeals' | 'dueTasks' | 'waiting' | 'running' | 'customers';

export interface Box {
  name: ListName;
  plural: string;
  filter: string;
  /** A field, also the one by which a line is late. */
  order_by?: string;
}

export interface FigureOf {
  name: FigureName;
  plural: string;
  filter: string;
  /** Added up beside the count. */
  sum?: string;
}

export interface Day {
  /** The person. */
  user: string;
  department: Department;
  /** The first moment of tomorrow where the person is. */
  tonight: Date;
}

export function tonightOf(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
}

const inDays = (from: Date, days: number) =>
  new Date(from.getFullYear(), from.getMonth(), from.getDate() + days).toISOString();

const dueTasks = ({ user, tonight }: Day) =>
  `owner = "${user}" AND state = open AND due_at < ${tonight.toISOString()}`;
const offered = ({ department }: Day) => `to = ${department} AND state = offered`;

export function boxesOf(day: Day): Box[] {
  const own: Box[] = [
    { name: 'tasks', plural: 'tasks', filter: dueTasks(day), order_by: 'due_at' },
    { name: 'offers', plural: 'handovers', filter: offered(day) },
  ];
  if (day.department === 'marketing')
    return [
      ...own,
      { name: 'campaigns', plural: 'campaigns', filter: 'state = running' },
      { name: 'starting', plural: 'campaigns', filter: 'state = draft' },
    ];
  return [
    ...own,
    {
      name: 'closing',
      plural: 'deals',
      filter: `owner = "${day.user}" AND state = open AND close_at < ${inDays(day.tonight, 7)}`,
      order_by: 'close_at',
    },
    {
      name: 'stalled',
      plural: 'deals',
      filter: `state = open AND stage_since < ${inDays(day.tonight, -15)}`,
    },
  ];
}

export function figuresOf(day: Day): FigureOf[] {
  const own: FigureOf[] = [
    { name: 'dueTasks', plural: 'tasks', filter: dueTasks(day) },
    { name: 'waiting', plural: 'handovers', filter: offered(day) },
  ];
  if (day.department === 'marketing')
    return [
      ...own,
      { name: 'running', plural: 'campaigns', filter: 'state = running' },
      { name: 'customers', plural: 'customers', filter: `created_at >= ${inDays(day.tonight, -7)}` },
    ];
  return [
    { name: 'openDeals', plural: 'deals', filter: 'state = open', sum: 'amount' },
    {
      name: 'wonDeals',
      plural: 'deals',
      filter: `state = won AND closed_at >= ${inDays(day.tonight, -30)}`,
      sum: 'amount',
    },
    ...own,
  ];
}

export interface Stage {
  name: string;
  count: number;
  /** By currency. */
  sums: Money[];
}

const rankIn = (order: string[], name: string) => (order.includes(name) ? order.indexOf(name) : order.length);

/** Groups by stage, in the order of the pipelines; what no pipeline has stands last, the largest first. */
export const stagesOf = (groups: Group[], order: string[]): Stage[] =>
  groups
    .filter((group) => group.count > 0 && typeof group.key.stage === 'string')
    .map((group) => ({
      name: String(group.key.stage),
      count: group.count,
      sums: (group.sums?.amount as Money[] | undefined) ?? [],
    }))
    .sort((a, b) => rankIn(order, a.name) - rankIn(order, b.name) || b.count - a.count);

export const greetingOf = (hour: number): 'morning' | 'day' | 'evening' =>
  hour < 11 ? 'morning' : hour < 18 ? 'day' : 'evening';
