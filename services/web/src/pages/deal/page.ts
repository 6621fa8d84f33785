// SPDX-License-Identifier: Apache-2.0
// The page of a deal: its way through the stages above all else, what was said about it, and what comes next.
import { IconArrowLeft, IconArrowRight, IconLockOpen, IconThumbDown, IconTrophy } from '@tabler/icons-react';
import { type ActionDefinition, defineArea } from '@/app/area';
import { texts } from './texts';

const action = (
  id: 'forward' | 'back' | 'win' | 'lose' | 'reopen',
  keys: string,
  icon: NonNullable<ActionDefinition['icon']>,
): ActionDefinition => ({ id: `deal.${id}`, label: () => texts(id), keys, icon, group: () => texts('deal') });

export default defineArea({
  panels: [
    {
      kind: 'deals',
      place: 'head',
      order: 1,
      past: true,
      covers: {
        commands: ['deal.advance', 'deal.win', 'deal.lose', 'deal.reopen'],
        fields: [
          'stage',
          'state',
          'stage_since',
          'closed_at',
          'lost_reason',
          'lost_note',
          'amount',
          'probability',
          'close_at',
          'customer',
          'owner',
        ],
      },
      title: () => texts('deal'),
      load: () => import('./Head'),
    },
    {
      kind: 'deals',
      place: 'left',
      order: 1,
      past: true,
      covers: { fields: ['history'] },
      title: () => texts('deal'),
      load: () => import('./Stays'),
    },
    {
      kind: 'deals',
      place: 'tab',
      order: 1,
      past: true,
      title: () => texts('timeline'),
      load: () => import('./Timeline'),
    },
    {
      kind: 'deals',
      place: 'side',
      order: 1,
      past: true,
      covers: { kinds: ['tasks'] },
      title: () => texts('deal'),
      load: () => import('./Steps'),
    },
  ],
  actions: [
    action('forward', 'shift+arrowright', IconArrowRight),
    action('back', 'shift+arrowleft', IconArrowLeft),
    action('win', 'shift+w', IconTrophy),
    action('lose', 'shift+l', IconThumbDown),
    action('reopen', 'shift+o', IconLockOpen),
  ],
});
