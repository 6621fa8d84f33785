// SPDX-License-Identifier: Apache-2.0
// Between instants (UTC, as the API has them) and what a field for date and time holds: the wall
// clock of the person's zone, without one.
import { forms } from '@/ui/format';

/** Minutes that the zone is ahead of UTC at that instant. */
export function offsetMinutes(instant: Date, timeZone: string | undefined): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    ...(timeZone ? { timeZone } : {}),
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(instant);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return Math.round((wall - Math.floor(instant.getTime() / 1000) * 1000) / 60_000);
}

export function toLocal(value: string, shape: 'instant' | 'date', timeZone = forms().timeZone): string {
  if (!value) return '';
  if (shape === 'date' && /^\d{4}-\d{2}-\d{2}$/.test(value)) return value;
  const instant = new Date(value);
  if (Number.isNaN(instant.getTime())) return '';
  const wall = new Date(instant.getTime() + offsetMinutes(instant, timeZone) * 60_000).toISOString();
  return shape === 'date' ? wall.slice(0, 10) : wall.slice(0, 16);
}

/** null: nothing was chosen. */
export function fromLocal(
  text: string,
  shape: 'instant' | 'date',
  timeZone = forms().timeZone,
): string | null {
  if (!text) return null;
  if (shape === 'date') return text;
  const asUtc = new Date(`${text}:00Z`);
  if (Number.isNaN(asUtc.getTime())) return null;
  const guess = new Date(asUtc.getTime() - offsetMinutes(asUtc, timeZone) * 60_000);
  return new Date(asUtc.getTime() - offsetMinutes(guess, timeZone) * 60_000).toISOString();
}
