// SPDX-License-Identifier: Apache-2.0
// Two people in two browsers at two nodes.
import { editField, rowOf, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

test('from the list to the customer, a field edited in place is seen at another node without a reload', async ({
  enter,
  api,
}) => {
  const { id } = await api.make('sales', 'customers', { name: 'Liv Edited', job_title: 'Before' }, 'service');
  const agnes = await enter('agnes', `/customers/${id}`);
  await expect(valueOf(agnes, 'job_title')).toContainText('Before');

  const sal = await enter('sal', `/customers?filter=${encodeURIComponent(`id = "${id}"`)}`);
  await rowOf(sal, 'Liv Edited').getByText('Liv Edited').first().click();
  await expect(sal).toHaveURL(new RegExp(`/customers/${id}`));
  await editField(sal, 'job_title', 'After');
  await expect(valueOf(sal, 'job_title')).toContainText('After');

  await expect(valueOf(agnes, 'job_title')).toContainText('After');
  await api.seen('analytics', `customers/${id}`, (now) => now.job_title === 'After');
});

test('a list that is open at another node shows a new name in its row', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Row Before' }, 'marketing');
  const mara = await enter('mara', `/customers?filter=${encodeURIComponent(`id = "${id}"`)}`);
  await expect(rowOf(mara, 'Row Before')).toBeVisible();
  await api.patch('sales', `customers/${id}`, { name: 'Row After' });
  await expect(rowOf(mara, 'Row After')).toBeVisible();
  await expect(rowOf(mara, 'Row Before')).toBeHidden();
});

test('a field that two people change while their nodes cannot meet keeps both values until somebody chooses', async ({
  enter,
  api,
  cluster,
}) => {
  const { id } = await api.make('sales', 'customers', { name: 'Cora Both' }, 'service');
  await cluster.settled();
  await cluster.kill('service');
  await api.patch('sales', `customers/${id}`, { note: 'said at sales' });
  // Each of the others would pass it on.
  await Promise.all((['sales', 'marketing', 'analytics'] as const).map((at) => cluster.kill(at)));
  await cluster.begin('service');
  await api.patch('service', `customers/${id}`, { note: 'said at service' });
  await cluster.begin('sales');
  const conflicting = (now: { conflicts?: { note?: unknown[] } }) => (now.conflicts?.note?.length ?? 0) > 1;
  await api.seen('sales', `customers/${id}`, conflicting);

  const sal = await enter('sal', `/customers/${id}`);
  await valueOf(sal, 'note').getByRole('button', { name: /2 / }).click();
  const choice = sal.getByRole('dialog').filter({ hasText: 'said at sales' });
  await expect(choice).toContainText('said at service');
  await choice.getByRole('button').first().click();
  await api.seen('service', `customers/${id}`, (now) => !conflicting(now));
});
