// SPDX-License-Identifier: Apache-2.0
// Files of other systems become records: mapping, preview, progress, what became of each line, undo.
import { IconFileImport } from '@tabler/icons-react';
import type { Session } from '@/api/session';
import { defineArea } from '@/app/area';
import { texts } from './texts';

const when = (session: Session) => session.administrator;

export default defineArea({
  pages: [
    { path: '/import', title: () => texts('title'), load: () => import('./Imports'), when },
    { path: '/import/$id', title: () => texts('title'), load: () => import('./OneImport'), when },
  ],
  nav: [
    {
      path: '/import',
      label: () => texts('title'),
      icon: IconFileImport,
      places: ['administration'],
      order: 50,
      when,
    },
  ],
});
