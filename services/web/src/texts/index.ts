// SPDX-License-Identifier: Apache-2.0
// Texts in English and German. Each file defines its own beside the code that shows them; TypeScript refuses
// a German text that is missing. In the built app German is a file of its own (plugins/german.ts).
import { useSyncExternalStore } from 'react';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** "{{name}}" takes a value; a key that ends in _one or _other is chosen by {count}. */
export type Values = Record<string, string | number>;
type Plural<K> = K extends `${infer Stem}_one` ? Stem : K extends `${string}_other` ? never : K;
type Words = Record<string, string>;

const tables: Record<Language, Map<string, Words>> = { en: new Map(), de: new Map() };
const rules = { en: new Intl.PluralRules('en'), de: new Intl.PluralRules('de') };

let now: Language = 'en';
let wanted: Language = 'en';
/** Whether German was split off these texts and is still to be loaded. */
let isAway = false;
let ready: Promise<void> = Promise.resolve();
const listeners = new Set<() => void>();

/** The text of a key as it is written, with its values in their places. Pure. */
export function filled(
  words: Words,
  language: Language,
  key: string,
  values: Values = {},
): string | undefined {
  const { count } = values;
  const form = typeof count === 'number' ? words[`${key}_${rules[language].select(count)}`] : undefined;
  return (form ?? words[key])?.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) =>
    String(values[name] ?? ''),
  );
}

/**
 * Defines the texts of one area. `useTexts` is for components and follows the language; `texts` is
 * for everything that is called later (a toast, a palette row).
 */
export function defineTexts<T extends Words>(
  area: string,
  byLanguage: { en: T; de: { [K in keyof T]: string } },
) {
  const { en, de } = byLanguage as { en: Words; de: Words | 0 };
  tables.en.set(area, en);
  if (de) tables.de.set(area, de);
  else if (!tables.de.has(area)) isAway = true;
  const texts = (key: Plural<keyof T & string>, values?: Values): string =>
    filled(tables[now].get(area) ?? {}, now, key, values) ?? filled(en, 'en', key, values) ?? key;
  const useTexts = () => {
    useLanguage();
    return texts;
  };
  return { texts, useTexts };
}

export const language = (): Language => now;

function speak(next: Language) {
  if (next === now) return;
  now = next;
  for (const tell of listeners) tell();
}

async function loadGerman() {
  const { default: areas } = await import('virtual:german');
  for (const [area, words] of Object.entries(areas)) tables.de.set(area, words);
  isAway = false;
}

/** From then on, or as soon as its texts are here; until then, and where they cannot be had, what was before. */
export function setLanguage(next: Language) {
  wanted = next;
  document.documentElement.lang = next;
  if (next === 'en' || !isAway) return speak(next);
  ready = loadGerman().then(
    () => speak(wanted),
    () => undefined,
  );
}

/** Whether the texts of the language that was last set are here. */
export const textsReady = () => ready;

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};

/** The language, and a new render when it changes. */
export const useLanguage = (): Language => useSyncExternalStore(subscribe, language);
