// SPDX-License-Identifier: Apache-2.0
// Actions of the shell, and those that every list and record page binds.
import {
  IconAdjustmentsHorizontal,
  IconArrowsSort,
  IconFilter,
  IconHistory,
  IconKeyboard,
  IconLayoutList,
  IconMoon,
  IconPlus,
  IconSearch,
  IconSettings,
  IconStar,
} from '@tabler/icons-react';
import { texts as list } from '@/kind/texts';
import { type ActionDefinition, defineArea } from './area';
import { prefer, preferences } from './preferences';
import { texts } from './texts';

const app = () => texts('groupApp');
const inList = () => texts('groupList');
const inRecord = () => texts('groupRecord');
const go = (path: string, keys: string, label: () => string): ActionDefinition => ({
  id: `go${path}`,
  label,
  keys,
  group: () => texts('groupGo'),
  hidden: true,
  run: (tools) => tools.go(path),
});

export default defineArea({
  actions: [
    {
      id: 'app.palette',
      label: () => texts('openPalette'),
      icon: IconSearch,
      keys: ['mod+k', '/'],
      group: app,
      hidden: true,
    },
    { id: 'app.keys', label: () => texts('keys'), icon: IconKeyboard, keys: ['?', 'mod+/'], group: app },
    {
      id: 'app.sidebar',
      label: () => texts('toggleSidebar'),
      keys: '[',
      group: app,
      run: () => prefer({ sidebarClosed: !preferences().sidebarClosed }),
    },
    { id: 'app.arrange', label: () => texts('arrange'), group: app },
    { id: 'app.scheme', label: () => texts('toggleScheme'), icon: IconMoon, keys: 'mod+shift+l', group: app },
    {
      id: 'app.settings',
      label: () => texts('settings'),
      icon: IconSettings,
      keys: 'g ,',
      group: app,
      run: (tools) => tools.go('/settings'),
    },
    { id: 'app.notices', label: () => texts('notices'), keys: 'g n', group: app },
    { id: 'app.favourite', label: () => texts('addFavourite'), icon: IconStar, keys: 'alt+f', group: app },
    go('/', 'g h', () => texts('workspace')),
    go('/customers', 'g c', () => list('customers')),
    go('/deals', 'g d', () => list('deals')),
    go('/tickets', 'g t', () => list('tickets')),
    go('/tasks', 'g a', () => list('tasks')),
    { id: 'list.create', label: () => list('create'), icon: IconPlus, keys: 'c', group: inList },
    { id: 'list.filter', label: () => list('filter'), icon: IconFilter, keys: 'f', group: inList },
    { id: 'list.sort', label: () => list('sort'), icon: IconArrowsSort, keys: 's', group: inList },
    {
      id: 'list.columns',
      label: () => list('columns'),
      icon: IconAdjustmentsHorizontal,
      keys: 'o',
      group: inList,
    },
    { id: 'list.save', label: () => list('saveView'), keys: 'mod+s', group: inList },
    { id: 'list.viewNext', label: () => list('nextView'), keys: '.', group: inList },
    { id: 'list.viewBefore', label: () => list('viewBefore'), keys: ',', group: inList },
    { id: 'list.down', label: () => list('nextRow'), keys: ['j', 'arrowdown'], group: inList, hidden: true },
    { id: 'list.up', label: () => list('previousRow'), keys: ['k', 'arrowup'], group: inList, hidden: true },
    { id: 'list.open', label: () => list('openRow'), keys: 'enter', group: inList, hidden: true },
    { id: 'list.peek', label: () => list('peekRow'), keys: 'space', group: inList, hidden: true },
    { id: 'list.select', label: () => list('selectRow'), keys: 'x', group: inList, hidden: true },
    { id: 'list.selectAll', label: () => list('selectAll'), keys: 'mod+a', group: inList, hidden: true },
    { id: 'list.clear', label: () => list('clearSelection'), keys: 'escape', group: inList, hidden: true },
    {
      id: 'form.save',
      label: () => list('save'),
      keys: ['mod+enter', 'mod+s'],
      group: () => texts('groupForm'),
    },
    { id: 'record.edit', label: () => list('editFirst'), keys: 'e', group: inRecord },
    {
      id: 'record.next',
      label: () => list('nextRecord'),
      keys: 'mod+arrowright',
      group: inRecord,
      hidden: true,
    },
    {
      id: 'record.previous',
      label: () => list('previousRecord'),
      keys: 'mod+arrowleft',
      group: inRecord,
      hidden: true,
    },
    { id: 'record.tab', label: () => list('nextTab'), keys: 't', group: inRecord, hidden: true },
    { id: 'record.tabBack', label: () => list('tabBefore'), keys: 'shift+t', group: inRecord, hidden: true },
    { id: 'record.undo', label: () => list('undoLast'), keys: 'mod+z', group: inRecord },
    { id: 'record.past', label: () => list('past'), icon: IconHistory, keys: 'p', group: inRecord },
    { id: 'record.archive', label: () => list('archive'), group: inRecord },
    { id: 'record.follow', label: () => list('follow'), keys: 'shift+f', group: inRecord },
    {
      id: 'record.layout',
      label: () => list('layOut'),
      icon: IconLayoutList,
      group: inRecord,
      when: (session) => session.administrator,
    },
    { id: 'record.copy', label: () => list('copyLink'), keys: 'mod+shift+c', group: inRecord },
  ],
});
