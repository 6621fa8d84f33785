// SPDX-License-Identifier: Apache-2.0
// What analytics has added up: by time, type, department and channel, and the classes of customers.
import { IconChartBar } from '@tabler/icons-react';
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  pages: [
    {
      path: '/dashboard',
      title: () => texts('title'),
      load: () => import('./Dashboard'),
      startOf: ['analytics'],
    },
  ],
  nav: [
    {
      path: '/dashboard',
      label: () => texts('title'),
      icon: IconChartBar,
      places: ['analytics'],
      order: 5,
      kind: 'interaction',
    },
  ],
});
