// SPDX-License-Identifier: Apache-2.0
// What the sidebar shows, in the order that the person gave it.
import { may, type Session } from '@/api/session';
import type { NavDefinition, Place } from '../area';
import type { Preferences } from '../preferences';

/** Entries of one section of the sidebar, those that the person moved first. */
export function entriesOf(
  all: NavDefinition[],
  places: Place[],
  session: Session,
  { sidebar, sidebarHidden }: Pick<Preferences, 'sidebar' | 'sidebarHidden'>,
  { withHidden = false } = {},
): NavDefinition[] {
  const section = places[0] ?? 'all';
  const fit = all.filter(
    (entry) =>
      entry.places.some((place) => places.includes(place)) &&
      (!entry.kind || may(session, 'read', entry.kind)) &&
      (!entry.when || entry.when(session)) &&
      (withHidden || !sidebarHidden.includes(entry.path)),
  );
  return inOrder(fit, sidebar[section] ?? [], (entry) => entry.path);
}

/** Those that `order` names in its order; the others keep theirs, behind the one before them. */
export function inOrder<T>(all: T[], order: string[], name: (one: T) => string): T[] {
  const rank = new Map(order.map((one, index) => [one, index]));
  let last = -1;
  const ranked = all.map((one, index) => {
    const own = rank.get(name(one));
    if (own !== undefined) last = own;
    return { one, index, rank: own ?? (order.length ? last + 0.5 : index) };
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.index - b.index).map(({ one }) => one);
}

/** Moves one entry to another place of the list. */
export function moved<T>(all: T[], from: number, to: number): T[] {
  const next = [...all];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(Math.max(0, Math.min(to, next.length)), 0, one);
  return next;
}
