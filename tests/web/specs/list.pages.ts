// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

const filter = 'type = person AND (country = "DE" OR country = "FR") AND NOT tags:"lost"';
const path = async () => `/customers?${new URLSearchParams({ filter, order: 'type,name desc' })}`;

export default [
  {
    name: 'list-filtered',
    as: 'sal',
    path,
    ready: (page) => page.getByRole('button', { name: 'Clear all' }).waitFor(),
  },
  {
    name: 'list-sort',
    as: 'sal',
    path,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Sort · 2' }).click();
      await page.getByRole('button', { name: 'Add a level' }).waitFor();
    },
  },
  {
    name: 'unsaved-question',
    as: 'sal',
    path: async () => '/products?create=1',
    ready: async (page) => {
      await page.getByRole('dialog').getByRole('textbox', { name: /^Name/ }).fill('Half a product');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    },
  },
] satisfies RegisteredPage[];
