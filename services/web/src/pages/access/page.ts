// SPDX-License-Identifier: Apache-2.0
// Who works here, in which team, and what their roles allow.
import { IconUserShield } from '@tabler/icons-react';
import type { Session } from '@/api/session';
import { defineArea } from '@/app/area';
import { texts } from './texts';

const when = (session: Session) => session.administrator;

export default defineArea({
  pages: [{ path: '/access', title: () => texts('title'), load: () => import('./Access'), when }],
  nav: [
    {
      path: '/access',
      label: () => texts('title'),
      icon: IconUserShield,
      places: ['administration'],
      order: 10,
      when,
    },
  ],
  panels: [
    {
      kind: 'roles',
      place: 'tab',
      order: 1,
      covers: { fields: ['grants'] },
      title: () => texts('rights'),
      load: () => import('./Rights'),
    },
  ],
});
