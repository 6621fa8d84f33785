// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'desk',
    as: 'agnes',
    path: '/desk',
    ready: (page) => page.getByRole('row').nth(2).waitFor(),
  },
  {
    name: 'ticket',
    as: 'agnes',
    path: async ({ api }) => {
      const { tickets } = await api.get('service', `tickets?page_size=1&filter=${encodeURIComponent('state = "open"')}`);
      return `/tickets/${tickets[0].id}`;
    },
    ready: (page) => page.getByRole('button', { name: /^Resolve/ }).waitFor(),
  },
] satisfies RegisteredPage[];
