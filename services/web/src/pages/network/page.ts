// SPDX-License-Identifier: Apache-2.0
// Liaison's own picture: the departments, the lanes between them, and the way of one interaction.
import { IconTopologyRing3 } from '@tabler/icons-react';
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  pages: [{ path: '/network', title: () => texts('title'), load: () => import('./Network') }],
  nav: [
    { path: '/network', label: () => texts('title'), icon: IconTopologyRing3, places: ['all'], order: 90 },
  ],
  actions: [
    {
      id: 'go.network',
      label: () => texts('title'),
      icon: IconTopologyRing3,
      keys: 'g l',
      group: () => texts('title'),
      hidden: true,
      run: (tools) => tools.go('/network'),
    },
  ],
});
