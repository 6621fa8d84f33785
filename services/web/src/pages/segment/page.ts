// SPDX-License-Identifier: Apache-2.0
// On the page of a segment: how many customers its filter fits now, and some of them.
import { defineArea } from '@/app/area';
import { texts } from './texts';

export default defineArea({
  panels: [
    {
      kind: 'segments',
      place: 'tab',
      order: 1,
      title: () => texts('customers'),
      load: () => import('./Fitting'),
    },
  ],
});
