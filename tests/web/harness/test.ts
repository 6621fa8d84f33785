// SPDX-License-Identifier: Apache-2.0
// What specs import instead of @playwright/test: a cluster with people in it, browsers of these people, and a
// guard over all that they do.
import { test as base, type BrowserContext, type Page } from '@playwright/test';
import type { Api } from './api.ts';
import { type Cluster, type Department, departments } from './cluster.ts';
import { Guard } from './guard.ts';
import { type Office, openOffice } from './office.ts';
import type { People, PersonName } from './people.ts';

export { expect } from '@playwright/test';

interface EachTest {
  cluster: Cluster;
  people: People;
  api: Api;
  guard: Guard;
  /** A browser of nobody who has signed in. */
  visitor: (size?: { width: number; height: number }) => Promise<BrowserContext>;
  /** A new browser of somebody who has signed in, at a page of their own department's node or another one. */
  enter: (who: PersonName, path?: string, at?: Department) => Promise<Page>;
}

export const test = base.extend<EachTest, { office: Office }>({
  office: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern
    async ({}, use, worker) => {
      const office = await openOffice(Number(process.env.CUSTOMERS ?? 120));
      await use(office);
      await office.cluster.close(worker.project.name === 'keep');
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  cluster: async ({ office }, use) => {
    await use(office.cluster);
    // A test may have ended while one was down.
    await office.cluster.begin(...departments);
  },
  people: ({ office }, use) => use(office.people),
  api: ({ office }, use) => use(office.api),
  guard: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const guard = new Guard();
      await use(guard);
      // Of a test that failed anyway they may say why.
      if (guard.faults.length) throw new Error(`the page did what no page may do:\n${guard.faults.join('\n')}`);
    },
    { auto: true },
  ],
  visitor: async ({ browser, cluster, guard, contextOptions }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (viewport) => {
      const context = await browser.newContext({ ...contextOptions, ...(viewport ? { viewport } : {}) });
      guard.watch(context, cluster);
      opened.push(context);
      return context;
    });
    await Promise.all(opened.map((context) => context.close()));
  },
  enter: async ({ visitor, cluster, people }, use) => {
    await use(async (who, path = '/', at = people[who].at) => {
      const context = await visitor();
      await context.addCookies([
        { name: 'liaison', value: people[who].session, domain: '127.0.0.1', path: '/', httpOnly: true, sameSite: 'Strict' },
      ]);
      const page = await context.newPage();
      await page.goto(`${cluster.url(at)}${path}`);
      return page;
    });
  },
});
