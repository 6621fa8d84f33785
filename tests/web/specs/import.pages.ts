// SPDX-License-Identifier: Apache-2.0
import type { Page } from '@playwright/test';
import type { RegisteredPage } from '../harness/pages.ts';

const table = 'Full Name,E-mail,Colour\nPia Page,pia.page@example.com,red\nNina Wrong,not an address,green\n';

async function choose(page: Page) {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
}

export default [
  {
    name: 'import',
    as: 'ada',
    path: '/import',
    ready: (page) => page.getByRole('button', { name: 'Choose a file' }).waitFor(),
  },
  {
    name: 'import-check',
    as: 'ada',
    path: '/import',
    ready: async (page) => {
      await choose(page);
      await page.getByRole('region', { name: 'What is wrong' }).waitFor();
    },
  },
  {
    name: 'import-results',
    as: 'ada',
    path: '/import',
    ready: async (page) => {
      await choose(page);
      await page.getByRole('button', { name: /^Import \d/ }).click();
      await page.getByRole('tab', { name: /Failed/ }).click();
    },
  },
] satisfies RegisteredPage[];
