// SPDX-License-Identifier: Apache-2.0
// A task on its day, moved to another one without a pointer.
import { expect, test } from '../harness/test.ts';

test('a task is moved to the next day by keys and keeps its time', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'tasks', { title: 'Ring the bell', due_at: '2027-03-16T10:30:00Z' });
  const sal = await enter('sal', '/calendar?day=2027-03-16');
  const task = sal.getByRole('link', { name: /Ring the bell/ });
  await task.focus();
  await task.press('Alt+ArrowRight');
  await api.seen('sales', `tasks/${id}`, (now) => now.due_at.startsWith('2027-03-17T10:30'));
  await expect(sal.getByRole('cell', { name: /^17/ }).getByRole('link', { name: /Ring the bell/ })).toBeVisible();
  await sal.getByText('Week', { exact: true }).click();
  await expect(sal.getByRole('columnheader')).toHaveCount(7);
  await expect(sal.getByRole('table').getByRole('row')).toHaveCount(2);
  await expect(task).toBeVisible();
});
