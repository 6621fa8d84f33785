// SPDX-License-Identifier: Apache-2.0
// Work that passes between departments: a page of what waits on both sides, and cards at deals and customers.
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  pages: [{ path: '/handovers', title: () => texts('handovers'), load: () => import('./Handovers') }],
  panels: [
    {
      kind: 'deals',
      place: 'side',
      order: 3,
      title: () => texts('handovers'),
      covers: { kinds: ['handovers'] },
      load: () => import('./OfRecord'),
    },
    {
      kind: 'customers',
      place: 'side',
      order: 3,
      title: () => texts('handovers'),
      covers: { kinds: ['handovers'] },
      load: () => import('./OfRecord'),
    },
    {
      kind: 'handovers',
      place: 'side',
      order: 1,
      title: () => texts('handovers'),
      covers: { commands: ['handover.accept', 'handover.refuse', 'handover.withdraw'] },
      load: () => import('./Answer'),
    },
  ],
});
