// SPDX-License-Identifier: Apache-2.0
// Half a day of each of the people who work here, from where they begin to where the next one goes on. What single
// pages can do stands in their own specs.
import type { Page } from '@playwright/test';
import { rowOf, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

const composer = (page: Page) => page.getByRole('textbox', { name: 'What happened?' });

test('sales: a new customer, what was said, what is to be done, a deal that is won', async ({ enter, api }) => {
  const sal = await enter('sal', '/customers');
  await expect(sal.getByRole('row').nth(1)).toBeVisible();
  await sal.keyboard.press('c');
  const form = sal.getByRole('dialog');
  await form.getByRole('textbox', { name: /^Name/ }).fill('Daylight Lamps');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(sal.getByRole('heading', { level: 1 })).toHaveText('Daylight Lamps');
  const id = new URL(sal.url()).pathname.split('/').at(-1) ?? '';

  await sal.getByRole('button', { name: 'Call', exact: true }).click();
  await composer(sal).fill('They want forty lamps by May.');
  await composer(sal).press('Control+Enter');
  await expect(sal.getByText('They want forty lamps by May.').first()).toBeVisible();
  await expect(composer(sal)).toHaveValue('');
  await sal.getByRole('button', { name: 'Task', exact: true }).click();
  await sal.getByRole('textbox', { name: 'What is to be done?' }).fill('Send the offer');
  await sal.getByRole('button', { name: 'Add task' }).click();
  await api.seen('sales', `tasks?filter=${encodeURIComponent('title = "Send the offer"')}`, (now) => now.tasks.length === 1);

  const deal = await api.make('sales', 'deals', { name: 'Forty lamps', customer: id });
  await sal.goto(new URL(`/deals?filter=${encodeURIComponent(`customer = "${id}"`)}`, sal.url()).href);
  await sal.getByRole('button', { name: 'Move Forty lamps' }).click();
  await sal.getByRole('menuitem', { name: /won/i }).click();
  await api.seen('sales', `deals/${deal.id}`, (now) => now.state === 'won');

  // The other departments know what they must, without anybody telling them.
  const agnes = await enter('agnes', `/customers/${id}`);
  await expect(agnes.getByText('They want forty lamps by May.').first()).toBeVisible();
});

test('marketing: a filter becomes a view, then a segment, and what sales does to its people is seen', async ({ enter, api }) => {
  const { id } = await api.make('marketing', 'customers', { name: 'Candle Maker', job_title: 'Chandler of Ys' });
  const mara = await enter('mara', '/customers');
  await expect(mara.getByRole('row').nth(1)).toBeVisible();
  await mara.keyboard.press('f');
  await mara.getByText('As text', { exact: true }).click();
  await mara.getByRole('textbox', { name: 'As text' }).fill('job_titel = "Chandler of Ys"');
  await expect(mara.getByText(/job_titel/).last()).toBeVisible();
  await mara.getByRole('textbox', { name: 'As text' }).fill('job_title = "Chandler of Ys"');
  await mara.keyboard.press('Escape');
  await expect(rowOf(mara, 'Candle Maker')).toBeVisible();
  await expect(mara.getByRole('row')).toHaveCount(2);
  await mara.getByRole('button', { name: 'Save as new view' }).click();
  await mara.getByRole('dialog').getByRole('textbox', { name: 'Name of the view' }).fill('Chandlers');
  await mara.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(mara.getByRole('navigation').first().getByRole('link', { name: 'Chandlers' })).toBeVisible();

  await mara.goto(new URL('/segments?create=1', mara.url()).href);
  const form = mara.getByRole('dialog');
  await form.getByRole('textbox', { name: /^Name/ }).fill('Chandlers of Ys');
  await form.getByRole('button', { name: 'Add condition' }).click();
  await form.getByText('As text').click();
  await form.getByRole('textbox', { name: 'As text' }).fill('job_title = "Chandler of Ys"');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(mara.getByText('1 customer fits now')).toBeVisible();
  await api.patch('sales', `customers/${id}`, { job_title: 'Retired' });
  await expect(mara.getByText('0 customers fit now')).toBeVisible();
});

test('service: what an agent asks a colleague of sales is told to them at their own node', async ({ enter, api, people }) => {
  const customer = await api.make('service', 'customers', { name: 'Mena Tioned', owner: people.sal.id }, 'sales');
  const sal = await enter('sal', '/customers');
  await expect(sal.getByRole('button', { name: /^Notices/ })).toBeVisible();
  const agnes = await enter('agnes', `/customers/${customer.id}`);
  await expect(agnes.getByRole('heading', { level: 1 })).toHaveText('Mena Tioned');
  await agnes.getByRole('tab', { name: 'Comments' }).click();
  await agnes.getByRole('textbox', { name: /comment/i }).fill('When do their lamps come?');
  await agnes.getByRole('textbox', { name: /comment/i }).press('Control+Enter');
  await expect(agnes.getByText('When do their lamps come?').last()).toBeVisible();
  await sal.getByRole('button', { name: /^Notices \(\d+\)/ }).click();
  const notice = sal.getByRole('dialog').getByRole('button', { name: /Mena Tioned|lamps/ }).first();
  await expect(notice).toContainText('New comment · by Agnes Dienst');
  await notice.click();
  await expect(sal).toHaveURL(new RegExp(`/customers/${customer.id}`));
});

test('analytics: from the figures to a list, ordered, grouped, and taken along', async ({ enter }) => {
  const anton = await enter('anton', '/');
  await expect(anton).toHaveURL(/\/dashboard/);
  await anton.getByRole('navigation').first().getByRole('link', { name: 'Customers' }).click();
  await expect(anton.getByRole('row').nth(3)).toBeVisible();
  await anton.keyboard.press('o');
  await anton.getByRole('combobox', { name: 'Group by' }).click();
  await anton.getByRole('option', { name: 'Country' }).click();
  await anton.keyboard.press('Escape');
  await expect(anton).toHaveURL(/group=country/);
  await anton.getByRole('button', { name: 'More' }).click();
  const [file] = await Promise.all([
    anton.waitForEvent('download'),
    anton.getByRole('menuitem', { name: 'Export as CSV' }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  const [head = '', ...lines] = Buffer.concat(chunks).toString().trim().split('\n');
  expect(head).toMatch(/name/);
  expect(lines.length).toBeGreaterThan(100);
});

test('administration: a role takes a field away, and who has it sees it no more', async ({ enter, api, people }) => {
  const customer = await api.make('sales', 'customers', { name: 'Hidden Half', job_title: 'Spy' }, 'analytics');
  const role = await api.post('sales', 'roles', { name: 'Looker', grants: [{ kind: '*', read: 'all' }], hidden: ['customer.job_title'] });
  const user = await api.get('sales', `users/${people.anton.id}`);
  const anton = await enter('anton', `/customers/${customer.id}`);
  await expect(valueOf(anton, 'job_title')).toContainText('Spy');
  const ada = await enter('ada', '/access');
  await ada.getByRole('tab', { name: 'Roles' }).click();
  await expect(ada.getByRole('link', { name: 'Looker' })).toBeVisible();
  await api.patch('sales', `users/${people.anton.id}`, { roles: [role.id] });
  try {
    await expect(valueOf(anton, 'job_title')).toHaveCount(0);
    await expect(anton.getByRole('heading', { level: 1 })).toHaveText('Hidden Half');
  } finally {
    await api.patch('sales', `users/${people.anton.id}`, { roles: user.roles });
  }
  await expect(valueOf(anton, 'job_title')).toContainText('Spy');
});
