// SPDX-License-Identifier: Apache-2.0
// Liaison's own picture: a node is stopped while somebody watches, and the way of one interaction.
import { expect, test } from '../harness/test.ts';

test('a node is stopped, work goes on, and the picture says who lacks what and why until it is whole again', async ({
  enter,
  api,
  cluster,
}) => {
  await api.make('sales', 'customers', { name: 'Watched Customer' });
  const sal = await enter('sal', '/network');
  await expect(sal.getByText('Every department has everything')).toBeVisible();
  const reasons = sal.getByRole('region', { name: 'What is behind, and why' });
  await expect(reasons, 'nothing is behind').toHaveCount(0);

  await cluster.kill('service');
  await expect(sal.getByText('1 department is not reached')).toBeVisible();
  await expect(reasons).toContainText('service has not been reached for');

  const customer = sal.getByRole('combobox', { name: 'Customer' });
  await customer.fill('Watched Cust');
  await sal.getByRole('option', { name: /Watched Customer/ }).click();
  await sal.getByRole('button', { name: 'Record and watch' }).click();
  const way = sal.getByRole('list').filter({ hasText: 'On disk here, answered' });
  await expect(way).toContainText('On disk at marketing');
  await expect(way).toContainText('On disk at analytics');
  await expect(way).toContainText('service gets it as soon as it is reached');
  await expect(reasons).toContainText(/\d+ events? waits? for it/);
  await expect(sal.getByRole('row', { name: /^sales/ })).toContainText('1 missing');

  // Whoever works elsewhere is told of it, once it lasts.
  const bell = sal.getByRole('button', { name: /^Notices.*, 1 trouble/ });
  await expect(bell).toBeVisible();
  await bell.click();
  const centre = sal.getByRole('dialog').getByRole('region', { name: 'What is not as it should be' });
  await expect(centre.getByRole('link')).toContainText('service has not been reached for');
  await centre.getByRole('link').click();
  await expect(sal.getByRole('dialog')).toHaveCount(0);

  await cluster.begin('service');
  await expect(way).toContainText('On disk at service');
  await expect(sal.getByText(/^All 4 departments have it: /)).toBeVisible();
  await expect(sal.getByText('Every department has everything')).toBeVisible();
  await expect(reasons).toHaveCount(0);
  await expect(sal.getByRole('button', { name: /^Notices.*trouble/ })).toHaveCount(0);
});
