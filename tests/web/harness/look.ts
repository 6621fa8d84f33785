// SPDX-License-Identifier: Apache-2.0
// How a page looks: to axe (WCAG 2.2 AA), and as a picture for people.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { shots } from './places.ts';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
export const schemes = ['light', 'dark'] as const;
export const phone = { width: 390, height: 844 };
const desk = { width: 1440, height: 900 };

/** What is asked for has come, and has been drawn. An open event stream does not hold this up. */
export async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(drawn))));
}

/** Nobody is kept out: the page as it is now. */
export async function expectAccessible(page: Page, what = page.url()): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const said = violations.map(
    (one) => `${one.id}: ${one.help}\n${one.nodes.map((node) => `    ${node.target.join(' ')}: ${node.failureSummary}`).join('\n')}`,
  );
  expect(said, `axe at ${what}`).toEqual([]);
}

export async function takeShot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Nothing but what scrolls by itself is wider than the screen. */
async function expectFits(page: Page, what: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${what} is wider than the screen, by pixels`).toBeLessThanOrEqual(0);
}

/** The page as it is now, in both schemes and on a phone: looked at by axe, and a picture of each in build/web/shots. */
export async function expectGoodLooks(page: Page, name: string): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settle(page);
    await expectAccessible(page, `${name} (${colorScheme})`);
    await takeShot(page, `${name}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(phone);
  await settle(page);
  await expectAccessible(page, `${name} (phone)`);
  await expectFits(page, `${name} (phone)`);
  await takeShot(page, `${name}-phone`);
  await page.setViewportSize(desk);
}
