// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'customer',
    as: 'sal',
    path: async ({ api }) => {
      const { customers } = await api.get('sales', 'customers?page_size=1&filter=type%20%3D%20%22person%22');
      return `/customers/${customers[0].id}`;
    },
    ready: (page) => page.getByRole('tabpanel').getByRole('listitem').first().waitFor(),
  },
  {
    name: 'organization',
    as: 'sal',
    path: async ({ api }) => {
      const org = await api.make('sales', 'customers', { type: 'organization', name: 'Northwind Freight', country: 'DK' });
      for (const name of ['Mia Lund', 'Omar Reyes'])
        await api.make('sales', 'customers', { type: 'person', name, job_title: 'Buyer', organization: org.id });
      await api.post('service', 'tickets', { customer: org.id, subject: 'Invoice misses a line', priority: 'urgent' });
      const amount = { amount_minor: 8400000, currency: 'EUR' };
      await api.post('sales', 'deals', { customer: org.id, name: 'Fleet renewal', amount });
      return `/customers/${org.id}`;
    },
    ready: (page) => page.getByRole('region', { name: 'People' }).getByRole('link').first().waitFor(),
  },
  {
    name: 'erase-ask',
    path: async ({ api }) => `/customers/${(await api.make('sales', 'customers', { name: 'Era Sed' })).id}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: /^Erase for good/ }).click();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).waitFor();
    },
  },
  {
    name: 'erasure',
    path: async ({ api }) => {
      const { id } = await api.make('sales', 'customers', { name: 'Era Sed' });
      const erasure = await api.post('sales', `customers/${id}:erase`, { reason: 'Asked by mail' });
      await api.seen('sales', `erasures/${erasure.id}`, (now) => now.complete === true);
      return `/erasures/${erasure.id}`;
    },
    ready: (page) => page.getByText('erased everywhere').waitFor(),
  },
] satisfies RegisteredPage[];
