// SPDX-License-Identifier: Apache-2.0
// What of a person's preferences the node keeps, as names and texts: one for each, and one for each list. The
// rest (width of the sidebar, what was opened last) belongs to the machine. Pure.
import { defaults, type Preferences } from './preferences';

const ofPerson = [
  'scheme',
  'density',
  'language',
  'timeZone',
  'region',
  'currency',
  'workspace',
  'sidebar',
  'sidebarHidden',
  'sidebarGroups',
  'sidebarLinks',
  'startPage',
] as const satisfies (keyof Preferences)[];

/** As the node takes them: common/collab/preference.c. */
const VALUE_MAX = 4000;
const list = 'list.';

export type Kept = Record<string, string>;

/** Everything that is not as everybody has it. */
export function keptOf(preferences: Preferences): Kept {
  const usual = defaults();
  const kept: Kept = {};
  for (const name of ofPerson) {
    const value = JSON.stringify(preferences[name]);
    if (value !== JSON.stringify(usual[name])) kept[name] = value;
  }
  for (const [plural, look] of Object.entries(preferences.lists)) if (look) kept[list + plural] = look;
  return kept;
}

/** What was changed between two: undefined where it is as everybody has it again. */
export function keptChanges(before: Kept, after: Kept): Map<string, string | undefined> {
  const changes = new Map<string, string | undefined>();
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
    if (before[name] !== after[name] && (after[name]?.length ?? 0) <= VALUE_MAX)
      changes.set(name, after[name]);
  return changes;
}

/** A value of the same sort as the usual one; what another release wrote may be anything. */
function read(name: (typeof ofPerson)[number], text: string): unknown {
  const usual: unknown = defaults()[name];
  try {
    const value: unknown = JSON.parse(text);
    const same =
      typeof value === typeof usual && Array.isArray(value) === Array.isArray(usual) && value !== null;
    return same ? value : usual;
  } catch {
    return usual;
  }
}

/** What preferences become by changes that were made at another machine. */
export function withKept(now: Preferences, changes: Map<string, string | undefined>): Partial<Preferences> {
  const next: Record<string, unknown> = {};
  const usual = defaults();
  for (const name of ofPerson)
    if (changes.has(name)) {
      const text = changes.get(name);
      next[name] = text === undefined ? usual[name] : read(name, text);
    }
  const looks = [...changes].filter(([name]) => name.startsWith(list));
  if (looks.length)
    next.lists = {
      ...now.lists,
      ...Object.fromEntries(looks.map(([name, look]) => [name.slice(list.length), look ?? '{}'])),
    };
  return next as Partial<Preferences>;
}
