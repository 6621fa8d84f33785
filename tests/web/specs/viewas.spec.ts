// SPDX-License-Identifier: Apache-2.0
// An administrator looks as somebody else, and comes back.
import { expect, test } from '../harness/test.ts';

test('an administrator sees an agent’s screen, changes nothing there, and is themselves again', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Vera Seen' });
  const amount = { amount_minor: 777_00, currency: 'EUR' };
  const deal = await api.make('sales', 'deals', { name: 'Seen deal', customer: customer.id, amount });
  const ada = await enter('ada', `/deals/${deal.id}`);
  await expect(ada.getByText(/777/).first()).toBeVisible();

  await ada.keyboard.press('Control+k');
  await expect(ada.getByRole('dialog')).toBeVisible();
  await ada.keyboard.type('Look as');
  await ada.getByRole('option', { name: /Look as somebody else/ }).click();
  await ada.getByRole('textbox', { name: 'Find a person or a role' }).fill('Agnes');
  await ada.getByRole('button', { name: 'Look as Agnes Dienst' }).click();
  const bar = ada.getByRole('status').filter({ hasText: 'You see Liaison as Agnes Dienst does' });
  await expect(bar).toBeVisible();

  await ada.goto(new URL(`/deals/${deal.id}`, ada.url()).href);
  await expect(ada.getByRole('heading', { level: 1 })).toHaveText('Seen deal');
  await expect(bar).toBeVisible();
  await expect(ada.getByText('Vera Seen').first()).toBeVisible();
  await expect(ada.getByText(/777/)).toHaveCount(0);
  await expect(ada.getByRole('button', { name: /^Edit: / })).toHaveCount(0);
  await ada.goto(new URL('/customers', ada.url()).href);
  await expect(ada.getByRole('row').nth(1)).toBeVisible();
  await expect(ada.getByRole('button', { name: /^New / })).toHaveCount(0);

  await bar.getByRole('button', { name: 'Back to myself' }).click();
  await expect(bar).toHaveCount(0);
  await ada.goto(new URL(`/deals/${deal.id}`, ada.url()).href);
  await expect(ada.getByText(/777/).first()).toBeVisible();
  const { audit } = await api.get('sales', 'audit?action=viewed_as&page_size=1');
  expect(audit).toHaveLength(1);
});
