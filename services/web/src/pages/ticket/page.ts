// SPDX-License-Identifier: Apache-2.0
// What agents work with all day: the queue with its deadlines, and on a ticket's page its clock, its
// conversation and what can be done next.
import { IconHeadset } from '@tabler/icons-react';
import { type ActionDefinition, defineArea } from '@/app/area';
import { texts } from './texts';

const action = (
  id: 'respond' | 'resolve' | 'resolveNext' | 'wait' | 'mine' | 'next',
  keys: string,
): ActionDefinition => ({ id: `ticket.${id}`, label: () => texts(id), keys, group: () => texts('ticket') });

export default defineArea({
  pages: [{ path: '/desk', title: () => texts('desk'), load: () => import('./Desk'), startOf: ['service'] }],
  nav: [
    {
      path: '/desk',
      label: () => texts('desk'),
      icon: IconHeadset,
      places: ['service'],
      order: 5,
      kind: 'ticket',
    },
  ],
  panels: [
    {
      kind: 'tickets',
      place: 'tab',
      order: 1,
      title: () => texts('conversation'),
      load: () => import('./Conversation'),
    },
    {
      kind: 'tickets',
      place: 'side',
      order: 1,
      title: () => texts('deadline'),
      load: () => import('./Work'),
    },
  ],
  actions: [
    action('respond', 'alt+l'),
    action('resolve', 'alt+e'),
    action('resolveNext', 'mod+alt+e'),
    action('wait', 'alt+w'),
    action('mine', 'alt+i'),
    action('next', 'alt+n'),
  ],
});
