// SPDX-License-Identifier: Apache-2.0
// Receivers of events by HTTP: who they are, what was delivered to them, what is told again.
import { IconWebhook } from '@tabler/icons-react';
import type { Session } from '@/api/session';
import { defineArea } from '@/app/area';
import { texts } from './texts';

const when = (session: Session) => session.administrator;

export default defineArea({
  pages: [{ path: '/webhooks', title: () => texts('title'), load: () => import('./Webhooks'), when }],
  nav: [
    {
      path: '/webhooks',
      label: () => texts('title'),
      icon: IconWebhook,
      places: ['administration'],
      order: 40,
      kind: 'webhook',
      when,
    },
  ],
  panels: [
    {
      kind: 'webhooks',
      place: 'tab',
      order: 1,
      title: () => texts('deliveries'),
      load: () => import('./Deliveries'),
    },
  ],
});
