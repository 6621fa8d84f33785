// SPDX-License-Identifier: Apache-2.0
// English on a screen that is to be German: every text of the app that is another one in German, looked for among
// all that a page shows and says to those who hear it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { german } from '../../../services/web/src/texts/schema.de.ts';
import { root } from './places.ts';

interface Texts {
  en: Record<string, string>;
  de: Record<string, string>;
}

/** The texts that a file of the app defines, as they are written there. */
function textsIn(path: string): Texts[] {
  const code = readFileSync(path, 'utf8');
  const found = [...code.matchAll(/defineTexts\('[^']+', (\{[\s\S]*?\n\})\);/g)];
  return found.map(([, literal]) => new Function(`return (${literal})`)() as Texts);
}

/** What is English and never German. With a value in it a text cannot be told from data; those are left out. */
export function englishOnly(): Set<string> {
  const folder = join(root, 'services/web/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.test)\.tsx?$/.test(name));
  const all = [...files.flatMap((name) => textsIn(join(folder, name))), { en: Object.fromEntries(Object.keys(german).map((one) => [one, one])), de: german }];
  const ofGerman = new Set(all.flatMap(({ de }) => Object.values(de)));
  const english = all.flatMap(({ en, de }) => Object.keys(en).filter((key) => en[key] !== de[key]).map((key) => en[key] ?? ''));
  return new Set(english.filter((text) => !text.includes('{{') && !ofGerman.has(text)));
}

/** Texts, labels, placeholders and hints of the page as it is now. */
export const shownTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const said = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (node.parentElement?.checkVisibility()) said.add((node.textContent ?? '').trim());
    for (const name of ['aria-label', 'placeholder', 'title'])
      for (const element of document.querySelectorAll(`[${name}]`)) said.add((element.getAttribute(name) ?? '').trim());
    return [...said].filter(Boolean);
  });
