// SPDX-License-Identifier: Apache-2.0
// What is drawn from the schema, and the shell.
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  { name: 'start', as: 'sal', path: '/', ready: (page) => page.getByRole('navigation').first().waitFor() },
  { name: 'customer-list', as: 'sal', path: '/customers', ready: (page) => page.getByText('@example').first().waitFor() },
  { name: 'deal-list', as: 'sal', path: '/deals?layout=table', ready: (page) => page.getByRole('row').nth(2).waitFor() },
  {
    name: 'palette',
    as: 'sal',
    path: '/customers',
    ready: async (page) => {
      await page.getByText('@example').first().waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
    },
  },
] satisfies RegisteredPage[];
