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

test('views are stepped through; the next record keeps the tab, and the way back leads to the list as it was', async ({
  enter,
  api,
}) => {
  const walker = (name: string) => api.make('sales', 'customers', { name, job_title: 'Walker' });
  await walker('Walker A');
  await walker('Walker B');
  const body = { of: 'customers', filter: 'job_title = "Walker"', order_by: 'name', columns: 'name,job_title' };
  const view = await api.make('sales', 'views', { ...body, name: 'Walkers' });
  const page = await enter('ada', '/customers');
  const heading = page.getByRole('heading', { level: 1 });
  const views = (await api.get('sales', 'views?page_size=200')).views.filter((one: { of: string }) => one.of === 'customers');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  const press = async (key: string, most: number) => {
    for (let step = 0; step < most && (await heading.textContent()) !== 'Walkers'; step++) {
      const before = page.url();
      await page.keyboard.press(key);
      await expect(page).not.toHaveURL(before);
    }
    await expect(heading).toHaveText('Walkers');
  };
  await press('.', views.length);
  await page.keyboard.press('.');
  await expect(heading).not.toHaveText('Walkers');
  await page.keyboard.press(',');
  await expect(heading).toHaveText('Walkers');

  await page.getByRole('row', { name: /Walker A/ }).getByText('Walker A').click();
  await expect(heading).toHaveText('Walker A');
  await page.keyboard.press('t');
  const tab = page.getByRole('tab', { name: 'Comments' });
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Control+ArrowRight');
  await expect(heading).toHaveText('Walker B');
  await expect(tab).toHaveAttribute('aria-selected', 'true');
  await page.reload();
  await expect(page.getByText('2 / 2')).toBeVisible();
  await page.keyboard.press('Shift+T');
  await expect(page.getByRole('tab', { name: 'Timeline' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Control+ArrowLeft');
  await expect(heading).toHaveText('Walker A');
  await page.getByRole('main').getByRole('link', { name: 'Customers' }).click();
  await expect(page).toHaveURL(new RegExp(`view=${view.id}`));
  await expect(page.getByRole('row', { name: /Walker/ })).toHaveCount(2);
});

test('a form and a field are saved by keys, and the page of keys tells of them', async ({ enter, api }) => {
  const page = await enter('sal', '/customers');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await page.keyboard.press('c');
  await page.getByRole('dialog').getByRole('textbox', { name: /^Name/ }).fill('Saved By Keys');
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Saved By Keys');
  const { id } = await api.make('sales', 'customers', { name: 'Keyes Ltd', given_name: 'Kay' });
  await page.goto(`${new URL(page.url()).origin}/customers/${id}`);
  await expect(valueOf(page, 'given_name')).toContainText('Kay');
  await tabTo(page, /^Edit: Given name$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Given name' })).toBeFocused();
  await page.keyboard.type('Keyes');
  await page.keyboard.press('Control+s');
  await expect(valueOf(page, 'given_name')).toContainText('Keyes');
  await api.seen('sales', `customers/${id}`, (now) => now.given_name === 'Keyes');

  await page.keyboard.press('?');
  const form = page.getByRole('dialog').getByRole('group', { name: 'Form' });
  await expect(form).toContainText('Ctrl');
  const field = page.getByRole('dialog').getByRole('group', { name: 'While a field is edited' });
  await expect(field).toContainText('As it was before');
});
