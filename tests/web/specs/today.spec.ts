// SPDX-License-Identifier: Apache-2.0
// Where a day in sales begins: what is due, and from a figure to what it counts.
import { expect, test } from '../harness/test.ts';

test('a task that is due stands on the start page, is done there and is gone', async ({ enter, api, people }) => {
  const sal = await enter('sal', '/');
  await expect(sal).toHaveURL(/\/today/);
  const title = `Call back ${Date.now()}`;
  await api.post('sales', 'tasks', { title, owner: people.sal.id, due_at: new Date().toISOString() });
  const tasks = sal.getByRole('region', { name: 'Your tasks until tonight' });
  await expect(tasks.getByRole('link', { name: title })).toBeVisible();
  await tasks.getByRole('button', { name: `Mark as done: ${title}` }).click();
  await expect(tasks.getByRole('link', { name: title })).toBeHidden();
});

test('a figure and a stage lead to the deals that they count', async ({ enter }) => {
  const sal = await enter('sal', '/today');
  const stage = sal.getByRole('region', { name: 'Open deals by stage' }).getByRole('listitem').first().getByRole('link');
  await stage.click();
  await expect(sal).toHaveURL(/\/deals\?filter=.*stage/);
  await expect(sal.getByRole('heading', { name: 'Deals', level: 1 })).toBeVisible();
  await expect(sal.getByRole('listitem').first()).toBeVisible();
});
