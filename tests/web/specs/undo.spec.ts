// SPDX-License-Identifier: Apache-2.0
// What was done is seen at once, and taken back from where it was said.
import type { Page } from '@playwright/test';
import { editField, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

const undo = (page: Page, said: string | RegExp) =>
  page.getByRole('alert').filter({ hasText: said }).getByRole('button', { name: 'Undo' });

test('a change is on the screen before the node has answered', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Quick Glance', job_title: 'Before' });
  const sal = await enter('sal', `/customers/${id}`);
  await expect(valueOf(sal, 'job_title')).toContainText('Before');
  let answer = () => {};
  const held = new Promise<void>((go) => {
    answer = go;
  });
  await sal.route(`**/customers/${id}`, async (route) => {
    if (route.request().method() === 'PATCH') await held;
    await route.continue();
  });
  await editField(sal, 'job_title', 'At once');
  await expect(valueOf(sal, 'job_title')).toContainText('At once');
  expect((await api.get('sales', `customers/${id}`)).job_title).toBe('Before');
  answer();
  await undo(sal, 'Saved').click();
  await expect(valueOf(sal, 'job_title')).toContainText('Before');
});

test('a command is taken back by its way back, what was removed comes again', async ({ enter, api, people }) => {
  const { id: customer } = await api.make('service', 'customers', { name: 'Second Thought' });
  const { id } = await api.post('service', 'tickets', { subject: 'Too soon', customer, owner: people.agnes.id });
  const agnes = await enter('agnes', `/tickets/${id}`);
  await agnes.getByRole('button', { name: 'Resolve', exact: true }).click();
  await undo(agnes, 'Saved').click();
  await api.seen('service', `tickets/${id}`, (now) => now.state === 'new');

  await agnes.goto(new URL(`/customers/${customer}`, agnes.url()).href);
  await agnes.getByRole('tab', { name: 'Comments' }).click();
  const box = agnes.getByRole('textbox', { name: /comment/i });
  await box.fill('Said too much');
  await box.press('Control+Enter');
  const comment = agnes.getByRole('tabpanel').getByText('Said too much');
  await expect(comment).toBeVisible();
  await agnes.getByRole('button', { name: 'Remove comment' }).click();
  await expect(comment).toHaveCount(0);
  await undo(agnes, /removed/i).click();
  await expect(comment).toBeVisible();
});

test('a saved view that was deleted comes back', async ({ enter, api, people }) => {
  const view = await api.ask('sales', 'POST', 'views', { name: 'Not for the bin', of: 'products', sharing: 'private' });
  const ada = await enter('ada', `/products?view=${view.id}`);
  await ada.getByRole('button', { name: 'More' }).click();
  await ada.getByRole('menuitem', { name: /Delete/ }).click();
  await undo(ada, /deleted/i).click();
  await api.seen('sales', `views/${view.id}`, (now) => !now.archived && now.owner === people.ada.id);
});
