// SPDX-License-Identifier: Apache-2.0
// A field and a kind are added, and are in use at once where others work; what is retired leaves their forms.
import { expect, test } from '../harness/test.ts';

test('a field that was added is in the next form of somebody else, with its options, and leaves when it is retired', async ({ enter }) => {
  const ada = await enter('ada', '/schema?kind=product');
  await ada.getByRole('button', { name: 'New field' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Label\W*$/ }).fill('Hat colour');
  await expect(dialog.getByLabel('Name')).toHaveValue('hat_colour');
  await dialog.getByRole('combobox', { name: 'Type' }).click();
  await ada.getByRole('option', { name: 'Choice', exact: true }).click();
  await dialog.getByRole('button', { name: 'Add an option' }).click();
  await dialog.getByLabel('Label of option 1').fill('Deep red');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toBeHidden();
  await expect(ada.getByRole('list', { name: 'Added fields' }).getByText('hat_colour')).toBeVisible();

  const sal = await enter('sal', '/products');
  const field = sal.getByRole('dialog').getByRole('combobox', { name: 'Hat colour' });
  const open = async () => {
    await sal.getByRole('button', { name: 'New product' }).first().click();
    const more = sal.getByRole('dialog').getByRole('button', { name: 'More', exact: true });
    if (await more.isVisible()) await more.click();
  };
  await open();
  await field.click();
  await expect(sal.getByRole('option', { name: 'Deep red' })).toBeVisible();
  await sal.keyboard.press('Escape');
  await sal.keyboard.press('Escape');

  await ada.getByRole('button', { name: 'Edit: Hat colour' }).click();
  await dialog.getByRole('textbox', { name: /^Label\W*$/ }).fill('Colour of the hat');
  await dialog.getByRole('button', { name: 'Retire Deep red' }).click();
  await dialog.getByRole('switch', { name: 'Indexed' }).press('Space');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(ada.getByRole('list', { name: 'Added fields' }).getByText('Indexed')).toBeVisible();
  await ada.getByRole('button', { name: 'Retire: Colour of the hat' }).click();
  await expect(ada.getByRole('button', { name: 'Take back: Colour of the hat' })).toBeVisible();
});

test('a kind that was added has a list and a form of its own', async ({ enter }) => {
  const ada = await enter('ada', '/schema');
  await ada.getByRole('button', { name: 'New kind' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByLabel('Label').fill('Excursion');
  await expect(dialog.getByLabel('Plural')).toHaveValue('excursions');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(ada.getByRole('heading', { name: 'Excursion', level: 2 })).toBeVisible();
  await ada.getByRole('link', { name: 'Open the list' }).click();
  await ada.getByRole('button', { name: 'New excursion' }).first().click();
  await expect(dialog.getByLabel('Name')).toBeVisible();
});

test('a decimal has a default, is typed and shown in the form of the person, and takes no digit too many', async ({
  enter,
  api,
}) => {
  const ada = await enter('ada', '/schema?kind=product');
  await ada.getByRole('button', { name: 'New field' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Label\W*$/ }).fill('Gross weight');
  await dialog.getByRole('combobox', { name: 'Type' }).click();
  await ada.getByRole('option', { name: 'Decimal number' }).click();
  await expect(dialog.getByLabel('Digits behind the point')).toHaveValue('2');
  await dialog.getByLabel('Digits behind the point').fill('3');
  await dialog.getByRole('textbox', { name: 'Default' }).fill('1.5');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toBeHidden();

  const made = await api.post('sales', 'products', { name: 'Anvil' });
  expect(made.gross_weight).toBe('1.500');
  const sal = await enter('sal', '/products');
  await sal.getByRole('button', { name: 'New product' }).first().click();
  const form = sal.getByRole('dialog');
  const more = form.getByRole('button', { name: 'More', exact: true });
  if (await more.isVisible()) await more.click();
  await form.getByRole('textbox', { name: /^Name/ }).fill('Bellows');
  const weight = form.getByRole('textbox', { name: 'Gross weight' });
  await weight.fill('1.2345');
  await expect(form.getByText('A number with at most 3 digits behind the point')).toBeVisible();
  await weight.fill('1,234.5');
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(form).toBeHidden();
  await api.seen('sales', 'products?filter=gross_weight%20%3D%201234.5', (now) => now.products.length === 1);
  const { products } = await api.get('sales', 'products?filter=gross_weight%20%3D%201234.5');
  const page = await enter('sal', `/products/${products[0].id}`);
  await expect(page.getByText('1,234.500').first()).toBeVisible();
});

test('no two records have one value of a field that is unique', async ({ enter, api }) => {
  const ada = await enter('ada', '/schema?kind=product');
  await ada.getByRole('button', { name: 'New field' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Label\W*$/ }).fill('Shelf');
  await dialog.getByRole('textbox', { name: 'Default' }).fill('A1');
  await dialog.getByRole('switch', { name: 'Unique' }).press('Space');
  await expect(dialog.getByRole('switch', { name: 'Indexed' })).toBeChecked();
  await expect(dialog.getByRole('textbox', { name: 'Default' })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog).toBeHidden();
  await expect(ada.getByRole('listitem').filter({ hasText: 'shelf' }).getByText('Unique')).toBeVisible();
  const { custom_fields: fields } = await api.get('sales', 'custom_fields?filter=name%20%3D%20%22shelf%22');
  expect(fields[0]).toMatchObject({ unique: true, indexed: true });
  expect(fields[0].preset).toBeUndefined();
});
