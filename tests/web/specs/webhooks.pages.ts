// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

const hook = { name: 'Deals to the warehouse', url: 'https://example.com/hook', kind: 'deals', enabled: false };

export default [
  {
    name: 'webhooks',
    as: 'ada',
    path: async ({ api }) => {
      await api.post('sales', 'webhooks', hook);
      return '/webhooks';
    },
    ready: (page) => page.getByRole('rowheader', { name: hook.name }).first().waitFor(),
  },
  {
    name: 'webhooks-new',
    as: 'ada',
    path: '/webhooks',
    ready: async (page) => {
      await page.getByRole('button', { name: 'New webhook' }).click();
      await page.getByRole('dialog').getByLabel('Name').waitFor();
    },
  },
  {
    name: 'webhook',
    as: 'ada',
    path: async ({ api }) => `/webhooks/${(await api.post('sales', 'webhooks', hook)).id}`,
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Deliveries' }).click();
      await page.getByText('Nothing was delivered yet').waitFor();
    },
  },
] satisfies RegisteredPage[];
