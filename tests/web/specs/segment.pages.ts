// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'segment',
    as: 'mara',
    // Of the made-up company: those that other specs make may have nobody.
    path: async ({ api }) => {
      const filter = encodeURIComponent('name = "Germany"');
      return `/segments/${(await api.get('marketing', `segments?filter=${filter}`)).segments[0].id}`;
    },
    ready: (page) => page.getByRole('region', { name: 'Some of them' }).getByRole('link').first().waitFor(),
  },
  {
    name: 'segment-new',
    as: 'mara',
    path: '/segments?create=1',
    ready: (page) => page.getByRole('dialog').getByRole('button', { name: 'Add condition' }).click(),
  },
] satisfies RegisteredPage[];
