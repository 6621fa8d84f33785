// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { germanIn, germanModule, withoutGerman } from './german';

const file = `import { defineTexts } from '@/texts';
export const { texts } = defineTexts('lamps', {
  en: { title: 'Lamps', 'an other': 'de: {' },
  de: {
    title: 'Lampen, {{count}} }',
    'an other': "es geht's",
  },
});
export const after = 1;
`;

test('the German part goes, and nothing else moves', () => {
  const left = withoutGerman(file, 'lamps.ts');
  expect(left).not.toContain('Lampen');
  expect(left).toContain("'an other': 'de: {' },");
  expect(left.split('\n').indexOf('export const after = 1;')).toBe(
    file.split('\n').indexOf('export const after = 1;'),
  );
  expect(germanIn(file, 'lamps.ts')).toMatchObject([{ area: 'lamps' }]);
});

test('what cannot be split off is named, not lost', () => {
  const broken = (text: string) => () => germanIn(`defineTexts(${text})`, 'lamps.ts');
  expect(broken(`name, { en: {}, de: {} }`)).toThrow('lamps.ts: defineTexts wants the name');
  expect(broken(`'lamps', both`)).toThrow('{ en, de } in place');
  expect(broken(`'lamps', { en: {}, de: german }`)).toThrow('`de` as an object in place');
  expect(broken(`'lamps', { en: {}, de: { a: one() } }`)).toThrow('a: one()');
  expect(broken(`'lamps', { en: {}, de: { ...others } }`)).toThrow('...others');
});

test('all areas of the app come as one module', async () => {
  const folder = new URL('../src', import.meta.url).pathname;
  const code = germanModule(folder);
  const { default: all } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    default: Record<string, Record<string, string>>;
  };
  expect(all.shell?.signOut).toBe('Abmelden');
  expect(Object.keys(all).length).toBeGreaterThan(30);
});
