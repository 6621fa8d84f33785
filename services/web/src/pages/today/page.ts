// SPDX-License-Identifier: Apache-2.0
// Where a day in sales or marketing begins: what is due, what waits, what moves.
import { IconSun } from '@tabler/icons-react';
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  pages: [
    {
      path: '/today',
      title: () => texts('title'),
      load: () => import('./Today'),
      startOf: ['sales', 'marketing'],
    },
  ],
  nav: [
    { path: '/today', label: () => texts('title'), icon: IconSun, places: ['sales', 'marketing'], order: 1 },
  ],
});
