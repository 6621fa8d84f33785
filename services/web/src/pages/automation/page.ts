// SPDX-License-Identifier: Apache-2.0
// Rules and flows: what they are, what they would have done, what their runs did, which failed.
import { IconRobot } from '@tabler/icons-react';
import type { Session } from '@/api/session';
import { defineArea } from '@/app/area';
import { texts } from './texts';

const title = () => texts('title');
const when = (session: Session) => session.administrator;

export default defineArea({
  pages: [
    { path: '/automation', title, load: () => import('./Automation'), when },
    { path: '/rules/new', title, load: () => import('./editor/Rule'), when },
    { path: '/rules/$id', title, load: () => import('./editor/Rule') },
    { path: '/flows/new', title, load: () => import('./editor/Flow'), when },
    { path: '/flows/$id', title, load: () => import('./editor/Flow') },
  ],
  nav: [
    {
      path: '/automation',
      label: title,
      icon: IconRobot,
      places: ['administration'],
      order: 30,
      kind: 'rule',
      when,
    },
  ],
  actions: [
    { id: 'automation.save', label: () => texts('save'), keys: 'mod+s', group: title },
    {
      id: 'automation.newRule',
      label: () => texts('newRule'),
      group: title,
      when,
      run: (tools) => tools.go('/rules/new'),
    },
    {
      id: 'automation.newFlow',
      label: () => texts('newFlow'),
      group: title,
      when,
      run: (tools) => tools.go('/flows/new'),
    },
  ],
  panels: [
    {
      kind: 'runs',
      place: 'tab',
      order: 1,
      title: () => texts('steps'),
      covers: { fields: ['steps', 'at', 'reason', 'wake_at', 'attempt'] },
      load: () => import('./RunPanel'),
    },
  ],
});
