// SPDX-License-Identifier: Apache-2.0
// What the page of a customer has beside fields, comments, history and related records: the timeline of all
// departments, and at the side who the customer is to us and what they have to do with us.
import { IconDownload, IconShieldX } from '@tabler/icons-react';
import { defineArea, type PanelDefinition } from '@/app/area';
import { texts } from './texts';

const side = (
  order: number,
  load: PanelDefinition['load'],
  more: Partial<PanelDefinition> = {},
): PanelDefinition => ({
  kind: 'customers',
  place: 'side',
  order,
  title: () => texts('customer'),
  load,
  ...more,
});

export default defineArea({
  panels: [
    {
      kind: 'customers',
      place: 'tab',
      order: 1,
      past: true,
      title: () => texts('timeline'),
      load: () => import('./Timeline'),
    },
    side(0, () => import('./Privacy'), { covers: { commands: ['customer.erase'] } }),
    side(1, () => import('./Standing'), { past: true }),
    side(2, () => import('./Work'), { past: true, covers: { kinds: ['deals', 'tickets', 'tasks'] } }),
    side(4, () => import('./Belongs'), {
      covers: { kinds: ['segments', 'campaigns'] },
    }),
    side(5, () => import('./Consents'), {
      covers: { kinds: ['consents'], commands: ['consent.permit', 'consent.withdraw', 'consent.object'] },
    }),
    side(6, () => import('./People'), { past: true, covers: { kinds: ['customers'] } }),
    side(7, () => import('./Duplicates')),
    {
      kind: 'erasures',
      place: 'head',
      order: 1,
      covers: { fields: ['receipts'] },
      title: () => texts('receipts'),
      load: () => import('./Receipts'),
    },
  ],
  actions: [
    {
      id: 'customer.export',
      label: () => texts('export'),
      icon: IconDownload,
      menu: 'customers',
      group: () => texts('customer'),
    },
    {
      id: 'customer.eraseAsk',
      label: () => texts('erase'),
      icon: IconShieldX,
      menu: 'customers',
      group: () => texts('customer'),
    },
  ],
});
