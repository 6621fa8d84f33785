// SPDX-License-Identifier: Apache-2.0
import { defineArea } from '@/app/area';
import { texts } from './texts';

/** What people say to one another about a record of any kind. */
export default defineArea({
  panels: [{ place: 'tab', order: 10, title: () => texts('title'), load: () => import('./Comments') }],
});
