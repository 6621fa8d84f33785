// SPDX-License-Identifier: Apache-2.0
// Values say what they are: a percentage has its sign, a language its name, in lists, forms and filters.
import { expect, test } from '../harness/test.ts';
import { expectAccessible, takeShot } from '../harness/look.ts';

test('percentages have their sign and languages their name, and are chosen as such', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Lumen Nord', language: 'de-AT' });
  await api.make('sales', 'deals', { name: 'Nordlicht', customer: customer.id, probability: 40 });

  const sal = await enter('sal', '/deals?layout=table&columns=name,probability&filter=name:Nordlicht');
  const row = sal.getByRole('row', { name: /Nordlicht/ });
  await expect(row).toContainText('40%');

  await sal.goto(`${api.cluster.url('sales')}/customers?columns=name,language&filter=name:%22Lumen%20Nord%22`);
  const line = sal.getByRole('row', { name: /Lumen Nord/ });
  await expect(line).toContainText('Austrian German');
  await expectAccessible(sal);
  await takeShot(sal, 'units-list');

  await sal.getByRole('button', { name: 'New customer' }).first().click();
  const dialog = sal.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Name\W*$/ }).fill('Lumen Sud');
  await dialog.getByRole('button', { name: 'More', exact: true }).click();
  await dialog.getByRole('combobox', { name: 'Language' }).fill('Brazil');
  await sal.getByRole('option', { name: 'Brazilian Portuguese' }).click();
  await expect(dialog.getByRole('combobox', { name: 'Language' })).toHaveValue('Brazilian Portuguese');
  await expectAccessible(sal);
  await takeShot(sal, 'units-form');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(async () => (await api.get('sales', 'customers?filter=language%20%3D%20pt-br')).customers.map((one: { name: string }) => one.name))
    .toEqual(['Lumen Sud']);
});
