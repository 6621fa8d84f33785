// SPDX-License-Identifier: Apache-2.0
// What the page of a customer has beside fields, comments, history and related records: the timeline of all
// departments, and at the side who the customer is to us.
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  panels: [
    {
      kind: 'customers',
      place: 'tab',
      order: 1,
      title: () => texts('timeline'),
      load: () => import('./Timeline'),
    },
    {
      kind: 'customers',
      place: 'side',
      order: 1,
      title: () => texts('duplicates'),
      load: () => import('./Duplicates'),
    },
    {
      kind: 'customers',
      place: 'side',
      order: 2,
      title: () => texts('standing'),
      load: () => import('./Standing'),
    },
    {
      kind: 'customers',
      place: 'side',
      order: 3,
      title: () => texts('consents'),
      load: () => import('./Consents'),
    },
  ],
});
