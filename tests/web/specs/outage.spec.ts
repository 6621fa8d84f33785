// SPDX-License-Identifier: Apache-2.0
// Nodes go while people work, and come back.
import type { Page } from '@playwright/test';
import { editField, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

/** What a browser logs while its node does not answer. */
const away =
  /error occurred when fetching the script|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_SOCKET_NOT_CONNECTED/;

test('while another node is down somebody works on, and both hold it when it is back', async ({ enter, api, cluster }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Ora Works', job_title: 'Begins' }, 'service');
  const sal = await enter('sal', `/customers/${id}`);
  await expect(sal.getByRole('heading', { level: 1 })).toHaveText('Ora Works');
  await cluster.kill('service');
  await editField(sal, 'job_title', 'Goes on');
  await expect(valueOf(sal, 'job_title')).toContainText('Goes on');
  await cluster.begin('service');
  const agnes = await enter('agnes', `/customers/${id}`);
  await expect(valueOf(agnes, 'job_title')).toContainText('Goes on');
});

test('while one’s own node is down what is typed is kept, and sent when it is back, once', async ({
  enter,
  api,
  cluster,
  guard,
}) => {
  guard.allow(away);
  const { id } = await api.make('service', 'customers', { name: 'Off Line', given_name: 'On', family_name: 'Line' }, 'sales');
  const agnes = await enter('agnes', `/customers/${id}`);
  await expect(agnes.getByRole('heading', { level: 1 })).toHaveText('Off Line');
  await cluster.kill('service');
  await editField(agnes, 'given_name', 'Offa');
  await expect(agnes.getByRole('status').filter({ hasText: 'No connection' })).toBeVisible();
  await expect(valueOf(agnes, 'given_name')).toContainText('Offa');
  await editField(agnes, 'family_name', 'Lined');

  await cluster.begin('service');
  await expect(agnes.getByRole('status').filter({ hasText: 'No connection' })).toBeHidden({ timeout: 40_000 });
  await api.seen('sales', `customers/${id}`, (now) => now.given_name === 'Offa' && now.family_name === 'Lined');
  const { changes } = await api.get('sales', `customers/${id}/history`);
  const written = (changes as { event: string }[]).filter((change) => change.event === 'record.changed');
  expect(written).toHaveLength(2);
});

/** The browser keeps the app's own files, of all pages. */
const filesKept = (page: Page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

test('while one’s own node is down pages open that were never opened, also anew, and fill when it is back', async ({
  enter,
  cluster,
  guard,
}) => {
  guard.allow(away);
  const sal = await enter('sal', '/customers');
  await expect(sal.getByRole('row').nth(1)).toBeVisible();
  await filesKept(sal);
  await cluster.kill('sales');
  await expect(sal.getByRole('status').filter({ hasText: 'No connection' }), 'nobody has pressed anything').toBeVisible();

  await sal.getByRole('link', { name: 'Hand-overs' }).click();
  await expect(sal.getByRole('heading', { level: 1 })).toHaveText('Hand-overs');
  await expect(sal.getByRole('alert')).toContainText('The node cannot be reached');
  await sal.reload();
  await expect(sal.getByRole('alert')).toContainText('The node cannot be reached');

  await cluster.begin('sales');
  await expect(sal.getByRole('region', { name: 'Waiting for Sales' })).toBeVisible();
  await expect(sal.getByRole('alert')).toHaveCount(0);
});

test('a note that is written while the node is down is shown as one that waits, and stands once afterwards', async ({
  enter,
  api,
  cluster,
  guard,
}) => {
  guard.allow(away);
  const { id } = await api.make('sales', 'customers', { name: 'Nota Bene' });
  const sal = await enter('sal', `/customers/${id}`);
  const box = sal.getByRole('textbox', { name: 'What happened?' });
  await expect(box).toBeVisible();
  await cluster.kill('sales');
  await box.fill('Said while nobody listened');
  await box.press('Control+Enter');
  const waits = sal.getByRole('list', { name: 'Waits to be sent' });
  await expect(waits).toContainText('Said while nobody listened');
  await expect(box, 'the next one can be written').toHaveValue('');
  await expect(sal.getByRole('button', { name: 'Log' })).not.toHaveAttribute('data-loading');

  await cluster.begin('sales');
  await expect(waits).toBeHidden({ timeout: 40_000 });
  await expect(sal.getByText('Said while nobody listened')).toHaveCount(1);
});
