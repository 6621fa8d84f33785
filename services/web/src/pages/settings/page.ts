// SPDX-License-Identifier: Apache-2.0
import { defineArea } from '@/app/area';
import { texts } from './texts';

/** What one person sets for themself. */
export default defineArea({
  pages: [{ path: '/settings', title: () => texts('title'), load: () => import('./Settings') }],
});
