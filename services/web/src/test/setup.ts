// SPDX-License-Identifier: Apache-2.0
// What pure parts expect of a browser: places to keep preferences, a language.
const kept = new Map<string, string>();
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
};
globalThis.localStorage ??= storage as unknown as Storage;
globalThis.addEventListener ??= () => undefined;
if (typeof navigator === 'undefined')
  Object.assign(globalThis, { navigator: { language: 'en', platform: '' } });
if (typeof document === 'undefined')
  Object.assign(globalThis, {
    document: { documentElement: { lang: '' } },
    location: { origin: 'http://test' },
  });
