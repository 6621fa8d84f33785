// SPDX-License-Identifier: Apache-2.0
// Lists that are drawn from the schema, in the sidebar; and the page of all kinds.
import {
  IconAddressBook,
  IconArrowsExchange,
  IconBox,
  IconChecklist,
  IconCoin,
  IconFilterStar,
  IconSpeakerphone,
  IconTicket,
} from '@tabler/icons-react';
import { defineArea, type NavDefinition } from '@/app/area';
import { texts } from './texts';

const list = (
  kind: string,
  plural: Parameters<typeof texts>[0],
  icon: NavDefinition['icon'],
  places: NavDefinition['places'],
  order: number,
): NavDefinition => ({ path: `/${plural}`, label: () => texts(plural), icon, places, order, kind });

export default defineArea({
  pages: [{ path: '/records', title: () => texts('all'), load: () => import('./Records') }],
  nav: [
    list('customer', 'customers', IconAddressBook, ['all'], 10),
    list('deal', 'deals', IconCoin, ['sales'], 20),
    list('ticket', 'tickets', IconTicket, ['service'], 20),
    list('campaign', 'campaigns', IconSpeakerphone, ['marketing'], 20),
    list('segment', 'segments', IconFilterStar, ['marketing', 'analytics'], 30),
    list('task', 'tasks', IconChecklist, ['all'], 40),
    list('handover', 'handovers', IconArrowsExchange, ['all'], 50),
    list('product', 'products', IconBox, ['sales'], 60),
  ],
});
