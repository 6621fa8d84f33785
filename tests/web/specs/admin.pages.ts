// SPDX-License-Identifier: Apache-2.0
import type { Api } from '../harness/api.ts';
import type { RegisteredPage } from '../harness/pages.ts';

async function erase(api: Api) {
  const { erasures } = await api.get('sales', 'erasures?page_size=1');
  if (erasures.length > 0) return;
  const { id } = await api.post('sales', 'customers?check=false', { name: 'Somebody' });
  await api.post('sales', `customers/${id}:erase`, { reason: 'asked by letter' });
}

export default [
  {
    name: 'nodes',
    as: 'ada',
    path: '/admin/nodes',
    ready: (page) => page.getByRole('rowheader', { name: 'marketing' }).waitFor(),
  },
  {
    name: 'subscribers',
    as: 'ada',
    path: async ({ api }) => {
      await api.post('sales', 'webhooks', { name: 'Warehouse', url: 'https://example.com/hook', kind: 'deals', enabled: false });
      return '/admin/nodes';
    },
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Subscribers' }).click();
      await page.getByRole('rowheader', { name: 'Warehouse' }).first().waitFor();
    },
  },
  {
    name: 'streams',
    as: 'ada',
    path: '/admin/nodes',
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Streams' }).click();
      await page.getByRole('rowheader', { name: 'marketing' }).first().waitFor();
    },
  },
  {
    name: 'audit',
    as: 'ada',
    path: '/admin/audit',
    ready: (page) => page.getByRole('region', { name: 'Changes' }).getByRole('row').nth(1).waitFor(),
  },
  {
    name: 'audit-reads',
    as: 'ada',
    path: '/admin/audit',
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Reads' }).click();
      await page.getByRole('region', { name: 'Reads' }).getByRole('row').nth(1).waitFor();
    },
  },
  {
    name: 'erasures',
    as: 'ada',
    path: async ({ api }) => {
      await erase(api);
      return '/admin/privacy';
    },
    ready: (page) => page.getByRole('region', { name: 'Erasure requests' }).getByRole('row').nth(1).waitFor(),
  },
  {
    name: 'retention',
    as: 'ada',
    path: async ({ api }) => {
      await api.post('sales', 'retention_rules', { name: 'Page views after 400 days', types: ['page_view'], older_than_days: 400 });
      return '/admin/privacy';
    },
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Retention rules' }).click();
      await page.getByRole('rowheader', { name: 'Page views after 400 days' }).first().waitFor();
    },
  },
  {
    name: 'pipelines',
    as: 'ada',
    path: '/admin/pipelines',
    ready: (page) => page.getByRole('button', { name: 'Add a stage' }).first().waitFor(),
  },
] satisfies RegisteredPage[];
