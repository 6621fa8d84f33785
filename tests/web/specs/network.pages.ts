// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'network',
    as: 'sal',
    path: '/network',
    ready: (page) => page.getByText('Every department has everything').waitFor(),
  },
] satisfies RegisteredPage[];
