// SPDX-License-Identifier: Apache-2.0
import { expect, test } from '../harness/test.ts';

test('the size of a segment follows the customers, live', async ({ enter, api }) => {
  const filter = 'job_title = "Beekeeper of Ys"';
  const { id } = await api.make('marketing', 'segments', { name: 'Beekeepers', filter });
  await api.make('marketing', 'customers', { name: 'Bea First', job_title: 'Beekeeper of Ys' });
  const mara = await enter('mara', `/segments/${id}`);
  await expect(mara.getByText('1 customer fits now')).toBeVisible();
  await api.make('sales', 'customers', { name: 'Bee Second', job_title: 'Beekeeper of Ys' });
  await expect(mara.getByText('2 customers fit now')).toBeVisible();
  await expect(mara.getByRole('region', { name: 'Some of them' }).getByRole('link', { name: /Bee Second/ })).toBeVisible();
  await expect(mara.getByText('2 are entered as members')).toBeVisible();
});
