// SPDX-License-Identifier: Apache-2.0
// What an administrator sees of the installation: who looked at what, who was forgotten and who says so, what goes
// when it is old, the stages of deals, the nodes.
import { readFileSync } from 'node:fs';
import { expect, test } from '../harness/test.ts';

test('who looked at a customer is found, and taken away as a table', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers?check=false', { name: 'Vera Viewed' });
  const sal = await enter('sal', `/customers/${customer.id}`);
  await expect(sal.getByRole('heading', { name: 'Vera Viewed' }).first()).toBeVisible();
  await api.seen('sales', `audit?customer=${customer.id}&action=read`, (now) => now.audit.length > 0);

  const ada = await enter('ada', '/admin/audit');
  await ada.getByRole('tab', { name: 'Reads' }).click();
  await ada.getByRole('combobox', { name: 'Customer' }).fill('Vera Viewed');
  await ada.getByRole('option', { name: 'Vera Viewed' }).click();
  await ada.getByRole('combobox', { name: 'What' }).click();
  await ada.getByRole('option', { name: 'Opened a record' }).click();
  const row = ada.getByRole('region', { name: 'Reads' }).getByRole('row', { name: /Vera Viewed/ }).first();
  await expect(row).toContainText('Opened a record');
  const download = ada.waitForEvent('download');
  await ada.getByRole('button', { name: 'Export as CSV' }).click();
  const text = readFileSync(await (await download).path(), 'utf8');
  expect(text.split('\r\n')[0]).toContain('actor,action');
  expect(text).toContain(customer.id);
  expect(text).not.toContain(',audit,');
});

test('what somebody changed is told with its record, its old and its new value; an import is one line', async ({
  enter,
  api,
}) => {
  const customer = await api.make('sales', 'customers?check=false', { name: 'Cora Before' });
  await api.patch('sales', `customers/${customer.id}`, { name: 'Cora After' });
  const lines = Array.from({ length: 40 }, (_, at) => JSON.stringify({ name: `Row ${at} of many` }));
  const batch = await fetch(`${api.cluster.url('sales')}/api/v1/customers:batchCreate`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${api.token}`, 'Content-Type': 'application/jsonl' },
    body: lines.join('\n'),
  });
  expect(batch.status).toBe(200);
  const ada = await enter('ada', '/admin/audit');
  await ada.getByRole('combobox', { name: 'Kind' }).click();
  await ada.getByRole('option', { name: 'Customer', exact: true }).click();
  await ada.getByRole('button', { name: 'Last 24 hours' }).click();
  const changes = ada.getByRole('region', { name: 'Changes' });
  const run = changes.getByRole('row', { name: /40 records at once/ }).first();
  await expect(run).toBeVisible();
  await expect(changes.getByText('Row 39 of many')).toHaveCount(0);
  const line = changes.getByRole('row', { name: /Cora After/ }).first();
  await expect(line).toContainText('Cora Before');
  await run.getByRole('button', { name: 'Show them' }).click();
  await expect(changes.getByRole('link', { name: 'Row 39 of many' })).toBeVisible();
  await ada.getByRole('button', { name: 'Back to all changes' }).click();
  await line.getByRole('link', { name: 'Cora After' }).click();
  await expect(ada).toHaveURL(new RegExp(customer.id));
});

test('an erasure has the receipt of every node', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers?check=false', { name: 'Otto Oblivious' }, 'analytics');
  await api.post('sales', `customers/${customer.id}:erase`, { reason: 'asked by letter' });
  const ada = await enter('ada', '/admin/privacy');
  const row = ada.getByRole('row', { name: new RegExp(customer.id) }).first();
  await expect(row).toContainText('asked by letter');
  await expect(row.getByText('Erased everywhere')).toBeVisible({ timeout: 60_000 });
  await row.getByRole('button').click();
  const dialog = ada.getByRole('dialog');
  for (const node of ['sales', 'marketing', 'service', 'analytics'])
    await expect(dialog.getByRole('rowheader', { name: node })).toBeVisible();
});

test('a retention rule is looked at before it blanks anything', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers?check=false', { name: 'Hilde History' });
  await api.post('sales', 'interactions', {
    customer: customer.id,
    type: 'form',
    occurred_at: '2019-02-03T10:00:00Z',
  });
  await api.post('sales', 'retention_rules', { name: 'Forms of old', types: ['form'], older_than_days: 2000 });
  const ada = await enter('ada', '/admin/privacy');
  await ada.getByRole('tab', { name: 'Retention rules' }).click();
  await ada.getByRole('button', { name: 'What Forms of old would blank' }).click();
  const dialog = ada.getByRole('dialog');
  await expect(dialog.getByText('1 interaction would be blanked now.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Blank them now' }).click();
  await expect(dialog).toBeHidden();
  const row = ada.getByRole('row', { name: /Forms of old/ });
  await expect(row).not.toContainText('never ran');
  await expect(row.getByRole('cell', { name: '1', exact: true })).toBeVisible();
});

test('a pipeline gets another stage, in its place', async ({ enter, api }) => {
  const pipeline = await api.post('sales', 'pipelines', {
    name: 'Rentals',
    stages: [
      { name: 'asked', order: 1, probability: 10 },
      { name: 'signed', order: 2, probability: 90 },
    ],
  });
  const ada = await enter('ada', '/admin/pipelines');
  const card = ada.getByRole('region', { name: 'Stages of Rentals' });
  await card.getByRole('button', { name: 'Add a stage' }).click();
  await card.getByRole('textbox', { name: 'Stage 3', exact: true }).fill('viewed');
  await card.getByRole('textbox', { name: 'Probability of stage 3, in percent' }).fill('40');
  await card.getByRole('button', { name: 'Move viewed up' }).click();
  await card.getByRole('button', { name: 'Save' }).click();
  await expect(card.getByRole('button', { name: 'Save' })).toBeHidden();
  await api.seen('sales', `pipelines/${pipeline.id}`, (now) => {
    const viewed = now.stages.find((stage: { name: string }) => stage.name === 'viewed');
    return now.stages.length === 3 && viewed.order === 2 && viewed.probability === 40;
  });
  await expect(ada.getByRole('region', { name: 'Reasons why a deal is lost' })).toContainText('Price');
});

test('nodes are listed with list and keys, and how far each has read', async ({ enter }) => {
  const ada = await enter('ada', '/admin/nodes');
  const nodes = ada.getByRole('region', { name: 'Nodes' });
  await expect(nodes.getByText('Connected')).toHaveCount(3);
  await expect(nodes.getByText('this node')).toBeVisible();
  await ada.getByRole('tab', { name: 'Subscribers' }).click();
  const readers = ada.getByRole('region', { name: 'Subscribers' });
  await expect(readers.getByRole('rowheader', { name: 'marketing' })).toBeVisible();
  await expect(readers.getByText('Connected')).toHaveCount(3);
});
