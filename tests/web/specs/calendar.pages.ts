// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'calendar',
    as: 'sal',
    path: '/calendar?show=deals.close_at',
    ready: (page) => page.getByRole('main').locator('a[href^="/deals/"]').first().waitFor(),
  },
] satisfies RegisteredPage[];
