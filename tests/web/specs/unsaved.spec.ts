// SPDX-License-Identifier: Apache-2.0
// What somebody typed and did not save is not lost by a slip.
import { editField, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

test('leaving a layout that was not saved asks first, by a link and by another kind', async ({ enter }) => {
  const page = await enter('ada', '/schema?kind=team&place=layout');
  await page.getByRole('button', { name: 'Lay out the page' }).click();
  const title = page.getByRole('textbox', { name: 'Title of tab 1' });
  await title.fill('Half done');
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await page.getByRole('link', { name: 'Customers' }).first().click();
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Stay' }).click();
  await expect(question).toBeHidden();
  await expect(title).toHaveValue('Half done');
  await page.getByRole('button', { name: 'Product', exact: true }).click();
  await question.getByRole('button', { name: 'Leave without saving' }).click();
  await expect(page).toHaveURL(/kind=product/);
  // Nothing is left of it, and nothing is asked any more.
  await page.getByRole('button', { name: 'Team', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Lay out the page' })).toBeVisible();
  await page.getByRole('link', { name: 'Customers' }).first().click();
  await expect(page).toHaveURL(/\/customers/);
});

test('a form asks before it is closed with something in it, and only then', async ({ enter, api }) => {
  const page = await enter('sal', '/products');
  const form = page.getByRole('dialog', { name: 'New product' });
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('c');
  await expect(form.getByRole('textbox', { name: /^Name/ })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(form).toBeHidden();
  await page.keyboard.press('c');
  await form.getByRole('textbox', { name: /^Name/ }).fill('Slipped Disc');
  await page.keyboard.press('Escape');
  await question.getByRole('button', { name: 'Stay' }).click();
  await expect(form.getByRole('textbox', { name: /^Name/ })).toHaveValue('Slipped Disc');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/products\/[0-9a-f-]{36}/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Slipped Disc');

  // A note that was begun waits for whoever comes back.
  const customer = await api.make('sales', 'customers', { name: 'Noted Ltd' });
  await page.goto(`${new URL(page.url()).origin}/customers/${customer.id}`);
  await page.getByRole('textbox', { name: 'What happened?' }).fill('They called and');
  await page.getByRole('link', { name: 'Customers' }).first().click();
  await expect(page.getByRole('grid')).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('textbox', { name: 'What happened?' })).toHaveValue('They called and');
});

test('who writes over what somebody else has just written chooses between theirs, mine and what was there', async ({
  enter,
  api,
}) => {
  const { id } = await api.make('sales', 'customers', { name: 'Thrice Ltd', job_title: 'As before' });
  const page = await enter('sal', `/customers/${id}`);
  await expect(valueOf(page, 'job_title')).toContainText('As before');
  let isFirst = true;
  await page.route(`**/customers/${id}`, async (route) => {
    if (route.request().method() === 'PATCH' && isFirst) {
      isFirst = false;
      await api.patch('sales', `customers/${id}`, { job_title: 'Theirs' });
    }
    await route.continue();
  });
  await editField(page, 'job_title', 'My own');
  const dialog = page.getByRole('dialog', { name: /^Changed meanwhile/ });
  for (const value of ['Theirs', 'My own', 'As before']) await expect(dialog.getByText(value, { exact: true })).toBeVisible();
  await dialog.getByRole('button', { name: 'Choose' }).last().click();
  await api.seen('sales', `customers/${id}`, (now) => now.job_title === 'As before');
  await expect(valueOf(page, 'job_title')).toContainText('As before');
});
