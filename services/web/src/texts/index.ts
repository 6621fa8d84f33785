// SPDX-License-Identifier: Apache-2.0
// Texts in English and German. Each file defines its own beside the code that shows them, so they
// load with it; TypeScript refuses a German text that is missing.
import i18next from 'i18next';
import { useSyncExternalStore } from 'react';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

/** "{{name}}" takes a value; a key that ends in _one or _other is chosen by {count}. */
export type Values = Record<string, string | number>;
type Plural<K> = K extends `${infer Stem}_one` ? Stem : K extends `${string}_other` ? never : K;

if (!i18next.isInitialized)
  void i18next.init({
    lng: 'en',
    fallbackLng: 'en',
    resources: {},
    initAsync: false,
    interpolation: { escapeValue: false },
  });

/**
 * Defines the texts of one area. `useTexts` is for components and follows the language; `texts` is
 * for everything that is called later (a toast, a palette row).
 */
export function defineTexts<T extends Record<string, string>>(
  area: string,
  byLanguage: { en: T; de: { [K in keyof T]: string } },
) {
  for (const [language, all] of Object.entries(byLanguage))
    i18next.addResourceBundle(language, area, all, true, true);
  const texts = (key: Plural<keyof T & string>, values?: Values): string =>
    i18next.t(key, { ns: area, ...values });
  const useTexts = () => {
    useLanguage();
    return texts;
  };
  return { texts, useTexts };
}

export const language = (): Language => (i18next.language === 'de' ? 'de' : 'en');

export function setLanguage(next: Language) {
  document.documentElement.lang = next;
  if (next !== i18next.language) void i18next.changeLanguage(next);
}

const subscribe = (tell: () => void) => {
  i18next.on('languageChanged', tell);
  return () => i18next.off('languageChanged', tell);
};

/** The language, and a new render when it changes. */
export const useLanguage = (): Language => useSyncExternalStore(subscribe, language);
