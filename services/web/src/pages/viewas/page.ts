// SPDX-License-Identifier: Apache-2.0
import { IconEye } from '@tabler/icons-react';
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  pages: [
    {
      path: '/look-as',
      title: () => texts('title'),
      load: () => import('./LookAs'),
      when: (session) => session.administrator,
    },
  ],
  actions: [
    {
      id: 'app.lookAs',
      label: () => texts('title'),
      icon: IconEye,
      group: () => texts('group'),
      when: (session) => session.administrator,
      run: (tools) => tools.go('/look-as'),
    },
  ],
  panels: [
    {
      kind: 'users',
      place: 'side',
      order: 5,
      title: () => texts('title'),
      load: () => import('./LookAsThis'),
    },
    {
      kind: 'roles',
      place: 'side',
      order: 5,
      title: () => texts('title'),
      load: () => import('./LookAsThis'),
    },
  ],
});
