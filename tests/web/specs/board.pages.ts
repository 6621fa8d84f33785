// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

const card = '[data-card]';

export default [
  { name: 'deal-board', as: 'sal', path: '/deals', ready: (page) => page.locator(card).nth(3).waitFor() },
  {
    name: 'ticket-board',
    as: 'agnes',
    path: '/tickets?layout=board',
    ready: (page) => page.locator(card).first().waitFor(),
  },
  {
    name: 'deal-lost',
    as: 'sal',
    path: '/deals',
    ready: async (page) => {
      await page.locator(card).first().waitFor();
      await page.getByRole('button', { name: /^Move / }).first().click();
      await page.getByRole('menuitem', { name: 'lost' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
    },
  },
] satisfies RegisteredPage[];
