// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'access',
    as: 'ada',
    path: '/access',
    ready: (page) => page.getByRole('rowheader', { name: 'Sal Ventura' }).waitFor(),
  },
  {
    name: 'access-rights',
    as: 'ada',
    path: async ({ api }) => {
      const grants = [
        { kind: '*', read: 'all', create: 'own' },
        { kind: 'deal', read: 'team', create: 'own', change: 'own' },
      ];
      return `/roles/${(await api.post('sales', 'roles', { name: 'Junior seller', grants })).id}`;
    },
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Rights' }).click();
      await page.getByRole('rowheader', { name: 'Every other kind' }).waitFor();
    },
  },
] satisfies RegisteredPage[];
