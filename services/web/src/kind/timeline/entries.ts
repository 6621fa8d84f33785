// SPDX-License-Identifier: Apache-2.0
// Entries of a timeline: read page by page, told by day, and found by what they say.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '@/api/client';
import type { components } from '@/api/schema';

export type Entry = components['schemas']['TimelineEntry'];
export type Timeline = components['schemas']['Timeline'];

export const timelineQuery = (customer: string) =>
  infiniteQueryOptions({
    queryKey: ['timeline', customer],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      request<Timeline>('GET', `customers/${customer}/timeline`, {
        // A first screen soon; whoever goes on wants many.
        query: { page_size: pageParam ? 200 : 50, page_token: pageParam },
        signal,
      }),
    getNextPageParam: (last: Timeline) => last.next_page_token,
    meta: { live: { customer } },
  });

/** The same on every page that shows it. */
export const keyOf = (entry: Entry) => `${entry.node} ${entry.seq} ${entry.time} ${entry.event}`;

/** All texts of an entry, also of what it is about. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value && typeof value === 'object') return Object.values(value).flatMap(textsOf);
  return [];
}

export const FACTS = '-';

export interface Sieve {
  /** '' is all. */
  department: string;
  /** '' is all; a type of interaction, or FACTS: what departments have done. */
  type: string;
  text: string;
}

/** Whether anything is kept out. */
export const isSought = ({ department, type, text }: Sieve): boolean => !!(department || type || text.trim());

/** Every word must stand somewhere in it. */
export function passes(entry: Entry, { department, type, text }: Sieve): boolean {
  if (department && entry.department !== department) return false;
  if (type && (entry.interaction ? entry.interaction.type : FACTS) !== type) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  const all = textsOf(entry).join('\n').toLowerCase();
  return words.every((word) => all.includes(word));
}

/** Those until then: what the timeline was. */
export const upTo = (entries: Entry[], at: string | undefined): Entry[] => {
  if (at === undefined) return entries;
  const end = Date.parse(at);
  return entries.filter((entry) => Date.parse(entry.time) <= end);
};

/** Entries of one day stand together; `dayOf` is in the person's time zone. */
export function byDay(
  entries: Entry[],
  dayOf: (time: string) => string,
): { day: string; entries: Entry[] }[] {
  const days: { day: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.time);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}
