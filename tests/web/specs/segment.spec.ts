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

test('conditions are put together with the size beside them, and saved when they fit', async ({ enter, api }) => {
  const { id } = await api.make('marketing', 'segments', { name: 'Falconers' });
  await api.make('marketing', 'customers?check=false', { name: 'Fay Falcon', job_title: 'Falconer of Ys' });
  const mara = await enter('mara', `/segments/${id}`);
  const conditions = mara.getByRole('region', { name: 'Conditions' });
  await expect(mara.getByText('No filter yet')).toBeVisible();
  await conditions.getByRole('radio', { name: 'As text' }).check({ force: true });
  await conditions.getByRole('textbox').fill('job_titel = "Falconer of Ys"');
  await expect(conditions.getByText(/no field 'job_titel'/)).toBeVisible();
  await expect(conditions.getByRole('button', { name: 'Save' })).toBeDisabled();
  await conditions.getByRole('textbox').fill('job_title = "Falconer of Ys"');
  await expect(mara.getByText('1 customer fits now')).toBeVisible();
  await conditions.getByRole('button', { name: 'Save' }).click();
  await expect(conditions.getByRole('button', { name: 'Save' })).toBeHidden();
  await api.seen('marketing', `segments/${id}`, (now) => now.filter === 'job_title = "Falconer of Ys"');
});
