// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'dashboard',
    as: 'anton',
    path: '/dashboard?period=ever',
    ready: (page) => page.getByRole('region', { name: 'Customers by class' }).getByRole('link').first().waitFor(),
  },
  {
    name: 'dashboard-table',
    as: 'anton',
    path: '/dashboard',
    ready: async (page) => {
      await page.getByRole('button', { name: 'As a table' }).first().click();
      await page.getByRole('table').first().waitFor();
    },
  },
] satisfies RegisteredPage[];
