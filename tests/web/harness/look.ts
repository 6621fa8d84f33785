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

/**
 * What is asked for has come, and has been drawn: nothing on the page says that it waits, and nothing has changed for
 * a quarter of a second. (The network is never idle: the page listens to events.)
 */
export async function settle(page: Page): Promise<void> {
  const waits = '.mantine-Loader-root, .mantine-Skeleton-root, [aria-busy="true"], [data-loading="true"]';
  const restless = await page.evaluate(async (waits) => {
    const told = (node: Node | null) => (node instanceof Element ? node.outerHTML : (node?.textContent ?? '')).slice(0, 300);
    let changed = performance.now();
    let last: Node | null = null;
    const watcher = new MutationObserver((changes) => {
      changed = performance.now();
      last = changes[0]?.target ?? null;
    });
    watcher.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const end = changed + 30_000;
    const waiting = () => document.querySelector(waits);
    const isRestless = () => performance.now() - changed < 250 || waiting();
    while (performance.now() < end && isRestless()) await new Promise((drawn) => setTimeout(drawn, 50));
    watcher.disconnect();
    await document.fonts.ready;
    return isRestless() ? told(waiting() ?? last) : '';
  }, waits);
  expect(restless, 'what on the page does not come to rest').toBe('');
}

/** Nobody is kept out: the page as it is now. The test goes on and fails at its end, so that all faults are told. */
export async function expectAccessible(page: Page, what = page.url()): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const where = (node: (typeof violations)[number]['nodes'][number]) =>
    `    ${node.target.join(' ')} ${node.html.slice(0, 200)}\n      ${node.failureSummary?.replaceAll('\n', '\n      ')}`;
  const said = violations.map((one) => `${one.id}: ${one.help}\n${one.nodes.map(where).join('\n')}`);
  expect.soft(said, `axe at ${what}`).toEqual([]);
}

export async function takeShot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

/** Nothing but what scrolls by itself is wider than the screen. */
export async function expectFits(page: Page, what: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(over, `${what} is wider than the screen, by pixels`).toBeLessThanOrEqual(0);
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
