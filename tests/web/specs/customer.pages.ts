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
] satisfies RegisteredPage[];
