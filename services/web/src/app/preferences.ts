// SPDX-License-Identifier: Apache-2.0
// How one person likes the app: kept in this browser, known to every tab, and where somebody has signed in
// also by the node (kept.ts), so that it is the same at all nodes and machines.
import { useSyncExternalStore } from 'react';
import { type Language, setLanguage } from '@/texts';

export type Scheme = 'auto' | 'light' | 'dark';
export type Density = 'compact' | 'normal' | 'roomy';

/** Entries of the sidebar that a person put together under a name of theirs. */
export interface SidebarGroup {
  name: string;
  paths: string[];
}

/** A place outside, in the sidebar. */
export interface SidebarLink {
  label: string;
  url: string;
}

export interface Preferences {
  scheme: Scheme;
  density: Density;
  language: Language;
  /** An IANA name; empty: the machine's. */
  timeZone: string;
  /** A BCP 47 tag for numbers and dates; empty: as the language has them. */
  region: string;
  /** Amounts without a currency begin with this one. */
  currency: string;
  /** Department that the sidebar shows; empty: the node's own. */
  workspace: string;
  sidebarClosed: boolean;
  sidebarWidth: number;
  /** Paths of sidebar entries by section, in order; what is not named stands behind in its own order. */
  sidebar: Record<string, string[]>;
  sidebarHidden: string[];
  sidebarGroups: SidebarGroup[];
  sidebarLinks: SidebarLink[];
  /** Path of the page that the app begins with; empty: the workspace's. */
  startPage: string;
  /** What a list looks like without a saved view, by plural. */
  lists: Record<string, string>;
  /** Paths that were opened last. */
  recent: { path: string; label: string; kind: string }[];
  /** Whose these are: the id of the user who was here last; empty: nobody's yet. */
  of: string;
}

const machineLanguage = (): Language => (navigator.language?.startsWith('de') ? 'de' : 'en');

export const defaults = (): Preferences => ({
  scheme: 'auto',
  density: 'normal',
  language: machineLanguage(),
  timeZone: '',
  region: '',
  currency: 'EUR',
  workspace: '',
  sidebarClosed: false,
  sidebarWidth: 220,
  sidebar: {},
  sidebarHidden: [],
  sidebarGroups: [],
  sidebarLinks: [],
  startPage: '',
  lists: {},
  recent: [],
  of: '',
});

const key = 'liaison.preferences';

function read(): Preferences {
  try {
    return { ...defaults(), ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>) };
  } catch {
    return defaults();
  }
}

let current = read();
const listeners = new Set<() => void>();

const watchers = new Set<(before: Preferences, after: Preferences) => void>();
/** Hears of what the person changes here; not of what comes from elsewhere. */
export function onPrefer(watch: (before: Preferences, after: Preferences) => void) {
  watchers.add(watch);
  return () => void watchers.delete(watch);
}

function use(next: Preferences) {
  current = next;
  setLanguage(next.language);
  for (const tell of listeners) tell();
}

setLanguage(current.language);
addEventListener('storage', (event) => {
  if (event.key === key) use(read());
});

export const preferences = () => current;

/** What the person wants from now on. */
export function prefer(change: Partial<Preferences>) {
  const before = current;
  adopt(change);
  for (const watch of watchers) watch(before, current);
}

/** What is known from elsewhere. */
export function adopt(change: Partial<Preferences>) {
  const next = { ...current, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(next));
  } catch {
    // A browser that keeps nothing: then it holds until the tab is closed.
  }
  use(next);
}

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, preferences);

export function noteRecent(path: string, label: string, kind: string) {
  const others = current.recent.filter((one) => one.path !== path);
  if (current.recent[0]?.path === path && current.recent[0].label === label) return;
  prefer({ recent: [{ path, label, kind }, ...others].slice(0, 12) });
}
