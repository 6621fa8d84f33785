// SPDX-License-Identifier: Apache-2.0
// Codes that the browser knows: ISO 4217 and ISO 3166.

export const currencies: string[] = Intl.supportedValuesOf('currency');

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Regions of two letters that have a name, but those that are no countries. */
export const countries: string[] = letters
  .flatMap((first) => letters.map((second) => first + second))
  .filter(
    (code) => !['EU', 'EZ', 'UN', 'XA', 'XB', 'ZZ', 'QO'].includes(code) && names.of(code) !== undefined,
  );
