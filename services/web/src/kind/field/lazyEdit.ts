// SPDX-License-Identifier: Apache-2.0
// The editor of values is not in the first load of a page, but it is there before it is wanted: keys that
// are pressed at once go into it, and a value can be edited when the node has gone in the meantime.
import { later } from '@/app/offline/later';
import { whenIdle } from '@/ui/idle';

const load = () => import('./InlineEdit');
whenIdle(load);

export const InlineEdit = later(load);
