// SPDX-License-Identifier: Apache-2.0
// Which kinds of records there are and what they hold; administrators add to both.
import { IconForms } from '@tabler/icons-react';
import type { Session } from '@/api/session';
import { defineArea } from '@/app/area';
import { texts } from './texts';

const when = (session: Session) => session.administrator;
const title = () => texts('title');

export default defineArea({
  pages: [{ path: '/schema', title, load: () => import('./Schema'), when }],
  nav: [{ path: '/schema', label: title, icon: IconForms, places: ['administration'], order: 15, when }],
});
