// SPDX-License-Identifier: Apache-2.0
// What the sidebar shows, in the order that the person gave it.
import { may, type Session } from '@/api/session';
import type { NavDefinition, Place } from '../area';
import type { Preferences, SidebarGroup } from '../preferences';

type Arranged = Pick<Preferences, 'sidebar' | 'sidebarHidden' | 'sidebarGroups'>;

/** Whether somebody who works there has any use for it. */
const fits = (entry: NavDefinition, places: Place[], session: Session) =>
  entry.places.some((place) => places.includes(place)) &&
  (!entry.kind || may(session, 'read', entry.kind)) &&
  (!entry.when || entry.when(session));

/** Entries of one section of the sidebar, those that the person moved first; without those in groups. */
export function entriesOf(
  all: NavDefinition[],
  places: Place[],
  session: Session,
  { sidebar, sidebarHidden, sidebarGroups }: Arranged,
  { withHidden = false } = {},
): NavDefinition[] {
  const section = places[0] ?? 'all';
  const grouped = new Set(sidebarGroups.flatMap((group) => group.paths));
  const fit = all.filter(
    (entry) =>
      fits(entry, places, session) &&
      !grouped.has(entry.path) &&
      (withHidden || !sidebarHidden.includes(entry.path)),
  );
  return inOrder(fit, sidebar[section] ?? [], (entry) => entry.path);
}

/** Entries of a group of the person's own, in its order: those that they have a use for. */
export function entriesOfGroup(
  all: NavDefinition[],
  group: SidebarGroup,
  places: Place[],
  session: Session,
  { sidebarHidden }: Arranged,
  { withHidden = false } = {},
): NavDefinition[] {
  return group.paths.flatMap((path) =>
    all.filter(
      (entry) =>
        entry.path === path &&
        fits(entry, places, session) &&
        (withHidden || !sidebarHidden.includes(entry.path)),
    ),
  );
}

/** Puts an entry into a group before another one, or at its end; `to` undefined: back to where it comes from. */
export function grouped(
  groups: SidebarGroup[],
  path: string,
  to: string | undefined,
  before?: string,
): SidebarGroup[] {
  return groups.map(({ name, paths }) => {
    const others = paths.filter((one) => one !== path);
    if (name !== to) return { name, paths: others };
    const at = before === undefined ? -1 : others.indexOf(before);
    return { name, paths: at < 0 ? [...others, path] : others.toSpliced(at, 0, path) };
  });
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

/** What somebody typed as the address of a page outside, or undefined: nothing else may be followed. */
export function addressOf(typed: string): string | undefined {
  const text = typed.trim();
  if (!text) return undefined;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);
    const isPage = url.protocol === 'https:' || url.protocol === 'http:';
    return isPage && url.host.length > 0 ? url.href : undefined;
  } catch {
    return undefined;
  }
}
