// SPDX-License-Identifier: Apache-2.0
// Without a mouse: what has the focus is always seen, and keys alone lead everywhere. Areas by keys: keyboard-areas.
import { tabTo, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

test('signing in by keys alone', async ({ visitor, cluster, people }) => {
  const page = await (await visitor()).newPage();
  await page.goto(`${cluster.url('sales')}/customers`);
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await page.keyboard.type(people.sal.email);
  await tabTo(page, /^Password/);
  await page.keyboard.type(people.sal.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('grid', { name: /Customer/ })).toBeVisible();
});

test('finding a customer, editing a field and going on, by keys alone', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Keya Board', given_name: 'Kaya', family_name: 'Bord' });
  await api.seen('sales', 'search?q=Keya', (found) => JSON.stringify(found).includes(id));
  const page = await enter('sal', '/deals');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();

  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.type('Keya Board');
  await expect(page.getByRole('option', { name: /Keya Board/ })).toBeVisible();
  while ((await page.getByRole('option', { name: /Keya Board/ }).getAttribute('aria-selected')) !== 'true')
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/customers/${id}`));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Keya Board');

  await tabTo(page, /^Edit: Given name$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Given name' })).toBeFocused();
  await page.keyboard.type('Keya');
  await page.keyboard.press('Escape');
  await expect(valueOf(page, 'given_name')).toHaveText(/Kaya/);
  await tabTo(page, /^Edit: Family name$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Family name' })).toBeFocused();
  await page.keyboard.type('Bored');
  await page.keyboard.press('Enter');
  await expect(valueOf(page, 'family_name')).toContainText('Bored');
  await api.seen('sales', `customers/${id}`, (now) => now.family_name === 'Bored' && now.given_name === 'Kaya');

  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/\/tickets/);
});

test('a list is walked and a record opened by keys alone, and every key is told on one page', async ({ enter }) => {
  const page = await enter('sal', '/customers');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/customers\/[0-9a-f-]{36}/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Ctrl');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
