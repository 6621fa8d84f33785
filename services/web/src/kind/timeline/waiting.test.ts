// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Command } from '@/api/queue';
import { waitingAbout } from './waiting';

const command = (key: string, path: string, body: object, method = 'POST'): Command => ({
  key,
  method,
  path,
  body,
  label: key,
  user: 'ada',
  at: 0,
});

test('what was written down about a record and waits is shown there, and nowhere else', () => {
  const all = [
    command('1', 'interactions', { customer: 'c', type: 'note', text: 'first' }),
    command('2', 'tasks', { customer: 'c', title: 'call back', deal: 'd' }),
    command('3', 'interactions', { customer: 'other', type: 'note', text: 'elsewhere' }),
    command('4', 'customers/c', { name: 'renamed' }, 'PATCH'),
    command('5', 'deals', { customer: 'c', name: 'Lamps' }),
  ];
  expect(waitingAbout(all, { customer: 'c' })).toEqual([
    { key: '2', way: 'task', text: 'call back' },
    { key: '1', way: 'note', text: 'first' },
  ]);
  expect(waitingAbout(all, { customer: 'c', deal: 'd' }).map((one) => one.key)).toEqual(['2']);
  expect(waitingAbout([], { customer: 'c' })).toEqual([]);
});
