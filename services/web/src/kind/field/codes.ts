// SPDX-License-Identifier: Apache-2.0
// Codes that the browser knows: ISO 4217, ISO 3166 and BCP 47.

export const currencies: string[] = Intl.supportedValuesOf('currency');

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Regions of two letters that have a name, but those that are no countries. */
export const countries: string[] = letters
  .flatMap((first) => letters.map((second) => first + second))
  .filter(
    (code) => !['EU', 'EZ', 'UN', 'XA', 'XB', 'ZZ', 'QO'].includes(code) && names.of(code) !== undefined,
  );

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
/** Those of several countries or scripts, where people ask for one of them. */
// biome-ignore format: a table
const variants = [
  'de-AT', 'de-CH', 'en-AU', 'en-CA', 'en-GB', 'en-US', 'es-419', 'es-MX', 'fr-BE', 'fr-CA', 'fr-CH', 'it-CH', 'nl-BE',
  'pt-BR', 'pt-PT', 'sr-Cyrl', 'sr-Latn', 'zh-Hans', 'zh-Hant',
];

/** Languages of two letters that have a name and are not an old code of another, then their variants. */
export const languages: string[] = [
  ...letters
    .flatMap((first) => letters.map((second) => (first + second).toLowerCase()))
    .filter((tag) => languageNames.of(tag) !== undefined && Intl.getCanonicalLocales(tag)[0] === tag),
  ...variants,
];
