// SPDX-License-Identifier: Apache-2.0
// Half an hour in each area without a mouse: nothing here clicks, and Tab must show where it is on its way.
import type { Page } from '@playwright/test';
import { tabTo } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

/** Chooses an option of the list that has just opened. */
async function choose(page: Page, name: string): Promise<void> {
  const option = page.getByRole('option', { name, exact: true });
  await expect(option).toBeVisible();
  for (let step = 0; step < 60; step++) {
    const is = await option.evaluate((one) => one.hasAttribute('data-combobox-selected') || one.getAttribute('aria-selected') === 'true');
    if (is && step) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
}

test('a deal is found on the board, moved on and won, by keys alone', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Kay Deals' });
  const deal = await api.make('sales', 'deals', { name: 'Keys for a house', customer: customer.id });
  const before = (await api.get('sales', `deals/${deal.id}`)).stage;
  const page = await enter('sal', `/deals?filter=${encodeURIComponent(`id = "${deal.id}"`)}`);
  await expect(page.getByRole('listitem').filter({ hasText: 'Keys for a house' }).first()).toBeVisible();
  await tabTo(page, /Keys for a house/);
  // Picked, held over the next column, put down.
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await api.seen('sales', `deals/${deal.id}`, (now) => now.stage !== before);
  await page.goto(new URL(`/deals/${deal.id}`, page.url()).href);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Keys for a house');
  await expect(page.getByRole('button', { name: 'Won' })).toBeVisible();
  await page.keyboard.press('Shift+W');
  await api.seen('sales', `deals/${deal.id}`, (now) => now.state === 'won');
});

test('a ticket is taken, answered and resolved, by keys alone', async ({ enter, api, people }) => {
  const customer = await api.make('service', 'customers', { name: 'Kit Tickets' });
  const { id } = await api.make('service', 'tickets', {
    subject: 'The keys stick',
    text: 'All of them.',
    customer: customer.id,
    priority: 'urgent',
  });
  const page = await enter('agnes', '/desk');
  await expect(page.getByRole('link', { name: 'The keys stick' })).toBeVisible();
  await tabTo(page, /The keys stick/);
  await page.keyboard.press('Enter');
  await expect(page.getByText('All of them.').first()).toBeVisible();
  await expect(page.getByRole('button', { name: /^Assign to me/ })).toBeVisible();
  await page.keyboard.press('Alt+i');
  await api.seen('service', `tickets/${id}`, (now) => now.owner === people.agnes.id);
  await page.keyboard.press('Alt+l');
  await expect(page.getByRole('textbox', { name: 'Your answer' })).toBeFocused();
  await page.keyboard.type('Try oil.');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('listitem').filter({ hasText: 'Try oil.' })).toBeVisible();
  await tabTo(page, /^Resolve/);
  await page.keyboard.press('Enter');
  await api.seen('service', `tickets/${id}`, (now) => now.state === 'resolved');
});

test('a segment is made with a condition, by keys alone', async ({ enter, api }) => {
  const page = await enter('mara', '/segments');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('c');
  const form = page.getByRole('dialog');
  await expect(form.getByRole('textbox', { name: /^Name/ })).toBeFocused();
  await page.keyboard.type('Typed in');
  await tabTo(page, /^Add condition/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Add condition/);
  await page.keyboard.press('Shift+Tab'); // past the cross of the condition
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowDown');
  await choose(page, 'Organization');
  await page.keyboard.press('Control+Enter');
  await expect(page).toHaveURL(/\/segments\/[0-9a-f-]{36}/);
  await api.seen('marketing', `segments/${page.url().split('/').pop()}`, (now) => now.filter === 'type = organization');
});

test('from a figure of the dashboard to its list, and from today’s tasks to done, by keys alone', async ({ enter, api, people }) => {
  const anton = await enter('anton', '/dashboard?period=ever');
  await expect(anton.getByRole('region', { name: 'By type' }).getByRole('link').first()).toBeVisible();
  await tabTo(anton, /^Purchase\d/);
  await anton.keyboard.press('Enter');
  await expect(anton).toHaveURL(/\/interactions\?filter=.*purchase/);

  const title = `Typed away ${Date.now()}`;
  await api.post('sales', 'tasks', { title, owner: people.sal.id, due_at: new Date().toISOString() });
  const sal = await enter('sal', '/today');
  await expect(sal.getByRole('link', { name: title })).toBeVisible();
  await tabTo(sal, new RegExp(`^Mark as done: ${title}`));
  await sal.keyboard.press('Enter');
  await expect(sal.getByRole('link', { name: title })).toBeHidden();
});

test('many records are changed and taken back, by keys alone', async ({ enter, api }) => {
  for (const name of ['Sproing A', 'Sproing B']) await api.make('sales', 'products', { name, sku: name.toLowerCase().replace(' ', '-') });
  const of = (category: string) => `products:aggregate?filter=${encodeURIComponent(`name:"Sproing" AND category = "${category}"`)}`;
  const page = await enter('ada', `/products?filter=${encodeURIComponent('name:"Sproing"')}`);
  await expect(page.getByRole('row')).toHaveCount(3);
  for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
  await expect(page.getByRole('toolbar')).toContainText('2 selected');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.type('change category');
  await expect(page.getByRole('option', { name: /Change Category/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('textbox', { name: 'Category' })).toBeFocused();
  await page.keyboard.type('Coils');
  await page.keyboard.press('Enter');
  await api.seen('sales', of('Coils'), (now) => now.count === 2);
  await tabTo(page, /^Undo all 2/);
  await page.keyboard.press('Enter');
  await api.seen('sales', of('Coils'), (now) => now.count === 0);
});

test('a rule is put together, by keys alone', async ({ enter, api }) => {
  const page = await enter('ada', '/rules/new');
  await expect(page.getByLabel('Name')).toBeVisible();
  await tabTo(page, /^Name/);
  await page.keyboard.type('Typed rule');
  await tabTo(page, /^Begin:/);
  await page.keyboard.press('Insert');
  await expect(page.getByRole('combobox', { name: 'Of what kind' })).toBeVisible();
  await tabTo(page, /^Of what kind/);
  await page.keyboard.press('ArrowDown');
  await choose(page, 'Task');
  await tabTo(page, /^Title/);
  await page.keyboard.type('Typed task');
  await page.keyboard.press('Control+s');
  await expect(page).toHaveURL(/\/rules\/[0-9a-f-]{36}$/);
  await api.seen('sales', `rules/${page.url().split('/').pop()}`, (now) => now.name === 'Typed rule' && now.plan.steps.length === 1);
});

test('a file is imported and taken back, by keys alone', async ({ enter, api }) => {
  const page = await enter('ada', '/import');
  await expect(page.getByRole('button', { name: 'Choose a file' })).toBeVisible();
  await tabTo(page, /^Choose a file/);
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  const table = 'Full Name,E-mail\nTy Ped,ty.ped@example.com\n';
  await (await chooser).setFiles({ name: 'typed.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await expect(page.getByRole('button', { name: /^Import \d/ })).toBeEnabled();
  await tabTo(page, /^Import \d/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: /Created 1/ })).toBeVisible();
  const of = `customers?filter=${encodeURIComponent('name = "Ty Ped"')}`;
  await api.seen('sales', of, (now) => now.customers.length === 1);
  await tabTo(page, /^Undo import/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Undo import' })).toBeVisible();
  await tabTo(page, /^Undo import/);
  await page.keyboard.press('Enter');
  await api.seen('sales', of, (now) => now.customers.length === 0);
});
