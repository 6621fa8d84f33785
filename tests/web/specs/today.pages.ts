// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'today',
    as: 'sal',
    path: '/today',
    ready: (page) => page.getByRole('region', { name: 'Open deals by stage' }).getByRole('listitem').first().waitFor(),
  },
] satisfies RegisteredPage[];
