// SPDX-License-Identifier: Apache-2.0
// Nodes go while people work, and come back.
import { editField, valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

/** What a browser logs while its node does not answer. */
const away = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_SOCKET_NOT_CONNECTED/;

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
