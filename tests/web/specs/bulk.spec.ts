// SPDX-License-Identifier: Apache-2.0
// Many records at once: all that a filter shows, also what is not loaded, with what could not be done and one way
// back; and the same commands from the palette, for what is selected and for the record of a page.
import { expect, test } from '../harness/test.ts';

const count = 130; // more than one page of a list

test('all records that a filter shows are changed, and taken back in one go', async ({ enter, api }) => {
  const made = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      api.post('sales', 'products', { name: `Bolt ${at}`, sku: `bolt-${at}`, category: 'Bolts' }),
    ),
  );
  const inCategory = (name: string, many: number) =>
    api.seen(
      'sales',
      `products:aggregate?filter=${encodeURIComponent(`category = "${name}"`)}`,
      (now) => now.count === many,
    );
  const page = await enter('ada', `/products?filter=${encodeURIComponent('sku:"bolt"')}`);
  await expect(page.getByText(`${count} records`, { exact: true })).toBeVisible();
  await page.keyboard.press('Control+a');
  const bar = page.getByRole('toolbar');
  await expect(bar).toContainText('100 selected');
  await bar.getByRole('button', { name: `Choose all ${count}` }).click();
  await bar.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Change Category' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Category' }).fill('Fixings');
  await dialog.getByRole('button', { name: `Do it for ${count}` }).click();
  const run = page.getByRole('status', { name: /^Change Category/ });
  await expect(run).toContainText(`${count} changed`);
  await inCategory('Fixings', count);
  await inCategory('Bolts', 0);

  // Somebody writes one of them: that is not taken back, and it is said.
  await api.patch('sales', `products/${made[7].id}`, { category: 'Screws' });
  await run.getByRole('button', { name: `Undo all ${count}` }).click();
  const back = page.getByRole('status', { name: /^Undo: Change Category/ });
  await expect(back).toContainText(`${count - 1} changed`);
  await expect(back.getByRole('link', { name: 'Bolt 7' })).toBeVisible();
  await inCategory('Bolts', count - 1);
  await inCategory('Screws', 1);
});

test('a run survives a reload of its tab, and is seen from others', async ({ enter, api }) => {
  const many = 30;
  await Promise.all(
    Array.from({ length: many }, (_, at) =>
      api.post('sales', 'products', { name: `Rivet ${at}`, sku: `rivet-${at}`, category: 'Rivets' }),
    ),
  );
  const page = await enter('ada', `/products?filter=${encodeURIComponent('sku:"rivet"')}`);
  const sidebar = (tab: typeof page) => tab.getByRole('navigation', { name: 'Workspace' });
  const other = await page.context().newPage();
  await other.goto(new URL('/customers', page.url()).href);
  await expect(other.getByRole('row').nth(2)).toBeVisible();

  // The node gets what is asked, and the tab goes before it hears of it.
  let asked = 0;
  await page.route('**/products:batchChange*', async (route) => {
    asked++;
    await route.fetch();
  });
  await expect(page.getByRole('row')).toHaveCount(many + 1);
  await page.keyboard.press('Control+a');
  const bar = page.getByRole('toolbar');
  await bar.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('menuitem', { name: 'Change Category' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Category' }).fill('Riveted');
  await dialog.getByRole('button', { name: `Do it for ${many}` }).click();
  await expect(page.getByRole('status', { name: /^Change Category/ })).toContainText(`0 of ${many}`);
  await expect(sidebar(other).getByRole('button', { name: /^Change Category/ })).toBeVisible();
  await expect.poll(() => asked).toBe(1);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.goto(new URL('/customers', page.url()).href);

  // On another page, it went on by itself; opened, it has the way back.
  for (const tab of [page, other])
    await expect(sidebar(tab).getByRole('button', { name: /^Change Category/ })).toContainText(`${many} changed`);
  await sidebar(page).getByRole('button', { name: /^Change Category/ }).click();
  await page.getByRole('status').getByRole('button', { name: `Undo all ${many}` }).click();
  await expect(page.getByRole('status', { name: /^Undo/ })).toContainText(`${many} changed`);
  await page.getByRole('status').getByRole('button', { name: 'Close' }).click();
  await expect(sidebar(other).getByRole('button', { name: /Category/ })).toHaveCount(0);
  await api.seen(
    'sales',
    `products:aggregate?filter=${encodeURIComponent('category = "Rivets"')}`,
    (now) => now.count === many,
  );
});

test('what a run could not do is listed, and its way back survives another page', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Many Deals' });
  const make = (name: string) => api.make('sales', 'deals', { name, customer: customer.id });
  const deals = [await make('Batch one'), await make('Batch two'), await make('Batch three')];
  const [one, two, three] = deals;
  const stateIs = (id: string, state: string) => api.seen('sales', `deals/${id}`, (now) => now.state === state);
  await api.post('sales', `deals/${three.id}:win`);
  const page = await enter('sal', `/deals?layout=table&filter=${encodeURIComponent('name:"Batch"')}`);
  await expect(page.getByRole('row')).toHaveCount(4);
  await page.keyboard.press('Control+a');

  // By the palette; a deal that is won already cannot be lost.
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toContainText('For 3 deals');
  await page.keyboard.type('lose');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: /Reason/ }).click();
  await page.getByRole('option', { name: /price/i }).click();
  await dialog.getByRole('button', { name: 'Do it for 3' }).click();
  const run = page.getByRole('status', { name: /^Lose/ });
  await expect(run).toContainText('2 changed');
  await expect(run.getByRole('alert')).toContainText('1 could not be changed');
  await expect(run.getByRole('link', { name: 'Batch three' })).toBeVisible();
  await stateIs(one.id, 'lost');

  // One of them is opened again by somebody else meanwhile; the way back says so.
  await api.post('sales', `deals/${two.id}:reopen`);
  await run.getByRole('link', { name: 'Batch three' }).click();
  await expect(page).toHaveURL(new RegExp(three.id));
  await run.getByRole('button', { name: 'Undo all 2' }).click();
  const back = page.getByRole('status', { name: /^Undo: Lose/ });
  await expect(back).toContainText('1 changed');
  await expect(back.getByRole('link', { name: 'Batch two' })).toBeVisible();
  await stateIs(one.id, 'open');
  await back.getByRole('button', { name: 'Close' }).click();
  await expect(back).toHaveCount(0);
});

test('the palette changes the record of the page, and takes it back', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Pal Ette' });
  const deal = await api.make('sales', 'deals', { name: 'Palette deal', customer: customer.id, probability: 20 });
  const page = await enter('sal', `/deals/${deal.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Palette deal');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toContainText('Palette deal');
  await page.keyboard.type('change probability');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Probability' }).fill('77');
  await dialog.getByRole('button', { name: 'Do it' }).click();
  await api.seen('sales', `deals/${deal.id}`, (now) => now.probability === 77);
  await expect(page.locator('[data-tile="probability"]')).toContainText('77');
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await api.seen('sales', `deals/${deal.id}`, (now) => now.probability !== 77);
});

test('the palette starts a flow for the record of the page, and leads to how such pages are laid out', async ({ enter, api }) => {
  const step = { name: 'pause', action: 'wait', period: '1d' };
  const flow = await api.make('sales', 'flows', { name: 'Welcome aboard', department: 'sales', kind: 'customer', plan: { steps: [step] } });
  await api.patch('sales', `flows/${flow.id}`, { enabled: true });
  const customer = await api.make('sales', 'customers', { name: 'Flown In Ltd' });
  const page = await enter('ada', `/customers/${customer.id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Flown In Ltd');
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: 'Consent: Permit' }).waitFor();
  await page.keyboard.type('welcome');
  await page.getByRole('option', { name: 'Start flow: Welcome aboard' }).click();
  await expect(page.getByText('The flow was started')).toBeVisible();
  await api.seen('sales', 'runs?page_size=200', (now) =>
    now.runs.some((run: { flow: string; record: string }) => run.flow === flow.id && run.record === customer.id),
  );
  await page.keyboard.press('Control+k');
  await page.keyboard.type('lay out pages');
  await page.getByRole('option', { name: 'Lay out pages like this one' }).click();
  await expect(page).toHaveURL(/\/schema\?kind=customer&place=layout/);
});
