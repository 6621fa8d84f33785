// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

const table = '/customers?layout=table';

export default [
  {
    name: 'bulk-ask',
    as: 'sal',
    path: table,
    ready: async (page) => {
      await page.getByRole('row').nth(3).waitFor();
      await page.keyboard.press('Control+a');
      await page.getByRole('toolbar').getByRole('button', { name: 'Archive' }).click();
      await page.getByRole('dialog').getByRole('button', { name: /^Do it/ }).waitFor();
    },
  },
  {
    name: 'palette-selection',
    as: 'sal',
    path: table,
    ready: async (page) => {
      await page.getByRole('row').nth(3).waitFor();
      await page.keyboard.press('Control+a');
      await page.getByRole('toolbar').waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
    },
  },
  {
    name: 'bulk-run',
    as: 'sal',
    path: async ({ api }) => {
      const customer = await api.make('sales', 'customers', { type: 'organization', name: 'Lumen Energy' });
      const names = ['Panels north', 'Panels south', 'Panels west'];
      const deals = await Promise.all(names.map((name) => api.post('sales', 'deals', { name, customer: customer.id })));
      await api.post('sales', `deals/${deals[0].id}:win`);
      return `/deals?layout=table&filter=${encodeURIComponent(`name:"Panels"`)}`;
    },
    ready: async (page) => {
      await page.getByRole('row').nth(3).waitFor();
      await page.keyboard.press('Control+a');
      await page.getByRole('toolbar').getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name: 'Win' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Do it for 3' }).click();
      await page.getByRole('status').getByRole('alert').waitFor();
    },
  },
] satisfies RegisteredPage[];
