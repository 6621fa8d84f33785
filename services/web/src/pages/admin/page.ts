// SPDX-License-Identifier: Apache-2.0
// The installation itself: its nodes and keys, who reads its streams, who looked at what, what is forgotten and
// when, and the stages that deals go through.
import { IconArrowGuide, IconEyeSearch, IconServerCog, IconShieldLock } from '@tabler/icons-react';
import type { Session } from '@/api/session';
import { defineArea } from '@/app/area';
import { texts } from './texts';

const when = (session: Session) => session.administrator;
const nodes = () => texts('nodes');
const audit = () => texts('audit');
const privacy = () => texts('privacy');
const pipelines = () => texts('pipelines');
const places: ['administration'] = ['administration'];

export default defineArea({
  pages: [
    { path: '/admin/nodes', title: nodes, load: () => import('./Nodes'), when },
    { path: '/admin/audit', title: audit, load: () => import('./Audit'), when },
    { path: '/admin/privacy', title: privacy, load: () => import('./Privacy'), when },
    { path: '/admin/pipelines', title: pipelines, load: () => import('./Pipelines') },
  ],
  nav: [
    {
      path: '/admin/pipelines',
      label: pipelines,
      icon: IconArrowGuide,
      places,
      order: 20,
      kind: 'pipeline',
      when,
    },
    { path: '/admin/nodes', label: nodes, icon: IconServerCog, places, order: 60, when },
    { path: '/admin/audit', label: audit, icon: IconEyeSearch, places, order: 70, when },
    { path: '/admin/privacy', label: privacy, icon: IconShieldLock, places, order: 80, when },
  ],
});
