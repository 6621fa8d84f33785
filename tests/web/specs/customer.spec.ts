// SPDX-License-Identifier: Apache-2.0
// What stands beside a customer: work of all departments, people, segments; everything about them as a file, and
// erasing them with a receipt of each node.
import { expect, test } from '../harness/test.ts';

test('beside an organization stand its people, deals, tickets and segments, live', async ({ enter, api }) => {
  const org = await api.make('sales', 'customers', { type: 'organization', name: 'Sidecar Works' }, 'service');
  await api.make('sales', 'customers', { type: 'person', name: 'Pia Side', organization: org.id });
  const pia = await api.make('sales', 'customers', { type: 'person', name: 'Paul Side', organization: org.id });
  const other = await api.make('sales', 'customers', { type: 'organization', name: 'Front Works' });
  await api.post('sales', 'customers?check=false', {
    type: 'person',
    name: 'Ada Visor',
    organization: other.id,
    affiliations: [{ organization: org.id, role: 'Adviser' }],
  });
  const page = await enter('sal', `/customers/${org.id}`);
  const also = page.getByRole('region', { name: 'Also work here' });
  await expect(also.getByRole('link', { name: /Ada Visor/ })).toBeVisible();
  const people = page.getByRole('region', { name: 'People' });
  await expect(people.getByRole('link', { name: /Pia Side/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Segments' }).getByRole('link').first()).toBeVisible();
  await api.post('service', 'tickets', { customer: org.id, subject: 'Wheel squeaks' });
  await expect(page.getByRole('region', { name: 'Tickets' }).getByText('Wheel squeaks')).toBeVisible();
  await api.post('sales', 'deals', { customer: org.id, name: 'Third wheel' });
  await expect(page.getByRole('region', { name: 'Deals' }).getByText('Third wheel')).toBeVisible();
  await also.getByRole('link', { name: /Ada Visor/ }).click();
  await expect(page.getByText('Sidecar Works (Adviser)').first()).toBeVisible();
  await page.goto(new URL(`/customers/${pia.id}`, page.url()).href);
  await expect(page.getByRole('region', { name: 'Others at Sidecar Works' }).getByText('Pia Side')).toBeVisible();
});

test('what happened long ago is found among all that happened since', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Very Talkative' });
  const calls = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      customer: id,
      type: 'call',
      subject: `Said little ${i}`,
      occurred_at: new Date(Date.UTC(2024, 0, 1, 0, i)).toISOString(),
    }));
  const long = { customer: id, type: 'note', subject: 'Wants a difference engine', occurred_at: '2020-05-04T09:00:00Z' };
  await api.post('sales', 'interactions', long);
  await api.many('sales', 'interactions', calls(300));
  const page = await enter('sal', `/customers/${id}`);
  const find = page.getByRole('textbox', { name: 'Find in the timeline' });
  await expect(page.getByText('Said little 299')).toBeVisible();
  await expect(page.getByText('Wants a difference engine')).toBeHidden();
  await find.fill('difference');
  await expect(page.getByText('Wants a difference engine')).toBeVisible();
  await expect(page.getByText('Said little 299')).toBeHidden();
  await find.fill('analytical');
  await expect(page.getByText('Nothing fits')).toBeVisible();
  await expect(page.getByText(/^30\d entries were looked through/)).toBeVisible();
});

test('a customer is exported, then erased everywhere with receipts', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Era Sed', note: 'Wants to be forgotten' }, 'service');
  const page = await enter('ada', `/customers/${id}`);
  const menu = async (item: RegExp) => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menu(/^Export everything/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('link', { name: /JSON/ }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const file = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  expect(file.customers[0].note).toBe('Wants to be forgotten');
  expect(file.complete).toBe(true);

  await menu(/^Erase for good/);
  const dialog = page.getByRole('dialog');
  const go = dialog.getByRole('button', { name: 'Erase for good' });
  await expect(go).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Asked by mail');
  await dialog.getByRole('textbox', { name: /To go on/ }).fill('Era Sed');
  await go.click();
  await expect(page).toHaveURL(/\/erasures\//);
  const receipts = page.getByRole('region', { name: 'Receipts of the nodes' });
  await expect(receipts).toContainText('erased everywhere');
  for (const node of ['sales', 'marketing', 'service', 'analytics'])
    await expect(receipts.getByRole('row', { name: new RegExp(node) })).toBeVisible();
});
