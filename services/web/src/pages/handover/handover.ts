// SPDX-License-Identifier: Apache-2.0
// Who waits for whose answer, and since when. Pure.
import type { Row } from '@/api/records';
import type { Department } from '@/app/area';

export interface Handover extends Row {
  customer?: string;
  from?: string;
  to?: string;
  state?: string;
  reason?: string;
  deadline?: string;
  answer?: string;
  deal?: string;
  ticket?: string;
  offered_at?: string;
  overdue?: boolean;
}

/** What waits longest for an answer first: by deadline, then by when it was offered. */
const byDeadline = (a: Handover, b: Handover) =>
  (a.deadline ?? '9').localeCompare(b.deadline ?? '9') ||
  (a.offered_at ?? '').localeCompare(b.offered_at ?? '');

/** Offers without an answer, on both sides of a department. */
export function waiting(all: Handover[], us: Department): { forUs: Handover[]; forThem: Handover[] } {
  const open = all.filter((one) => one.state === 'offered').sort(byDeadline);
  return {
    forUs: open.filter((one) => one.to === us || one.to === 'any'),
    forThem: open.filter((one) => one.from === us && one.to !== us),
  };
}

export const isLate = (one: Handover, now: number) =>
  one.state === 'offered' &&
  (one.overdue === true || (one.deadline !== undefined && Date.parse(one.deadline) < now));

export type Verb = 'accept' | 'refuse' | 'withdraw';

/** What people of a department can do with it. */
export function verbsOf(one: Handover, us: Department): Verb[] {
  if (one.state !== 'offered') return [];
  const forUs = one.to === us || one.to === 'any';
  return [
    ...(forUs ? (['accept', 'refuse'] as const) : []),
    ...(one.from === us ? (['withdraw'] as const) : []),
  ];
}
