// SPDX-License-Identifier: Apache-2.0
// A webhook is made, sends a test that nobody takes, and says so.
import { expect, test } from '../harness/test.ts';

test('a webhook is created, its test is listed with its outcome, and events are told again', async ({ enter }) => {
  const ada = await enter('ada', '/webhooks');
  await ada.getByRole('button', { name: 'New webhook' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Nobody listens');
  await dialog.getByLabel('Address').fill('http://127.0.0.1:9/hook');
  await dialog.getByLabel('Topics').fill('sales.deal.won');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(ada).toHaveURL(/\/webhooks\/[\w-]+$/);

  await ada.getByRole('tab', { name: 'Deliveries' }).click();
  await ada.getByRole('button', { name: 'Send a test' }).click();
  await expect(ada.getByRole('region', { name: 'Deliveries' }).getByText('Test failed').first()).toBeVisible();
  await ada.getByRole('button', { name: 'Replay' }).click();
  await expect(ada.getByText('These events are told again.')).toBeVisible();
});
