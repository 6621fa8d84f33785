// SPDX-License-Identifier: Apache-2.0
// Records of any kind on the days that they are of: tasks by when they are due, deals by when they close.
import { IconCalendar } from '@tabler/icons-react';
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  pages: [{ path: '/calendar', title: () => texts('title'), load: () => import('./Calendar') }],
  nav: [{ path: '/calendar', label: () => texts('title'), icon: IconCalendar, places: ['all'], order: 45 }],
});
