// SPDX-License-Identifier: Apache-2.0
// What a node refuses is told in words that people understand, and nothing that they typed is lost. The page is
// live, so somebody else is quicker only between the click and the node: there the test steps in.
import type { Page } from '@playwright/test';
import { valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

/** Once, before the node gets it. */
const before = (page: Page, method: string, path: RegExp, step: () => Promise<unknown>) => {
  let done = false;
  return page.route(path, async (route) => {
    if (!done && route.request().method() === method) {
      done = true;
      await step();
    }
    await route.continue();
  });
};

test('412: whoever changes what somebody else has just changed chooses between both', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'products', { name: 'Watering can', sku: 'CAN-1' });
  const sal = await enter('sal', `/products/${id}`);
  await expect(sal.getByRole('heading', { level: 1 })).toHaveText('Watering can');
  await before(sal, 'PATCH', new RegExp(id), () => api.patch('sales', `products/${id}`, { sku: 'CAN-THEIRS' }));
  const place = valueOf(sal, 'sku');
  await place.getByRole('button', { name: /^Edit: / }).press('Enter');
  await place.getByRole('textbox').fill('CAN-MINE');
  await place.getByRole('textbox').press('Enter');
  const dialog = sal.getByRole('dialog');
  await expect(dialog).toContainText('CAN-THEIRS');
  await expect(dialog).toContainText('CAN-MINE');
  await dialog.getByRole('button', { name: /CAN-MINE/ }).click();
  await api.seen('sales', `products/${id}`, (now) => now.sku === 'CAN-MINE');
});

test('409: what cannot be done any more is said with the way out', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Was Quicker' });
  const { id } = await api.make('sales', 'deals', { name: 'Lost race', customer: customer.id });
  const sal = await enter('sal', `/deals?filter=${encodeURIComponent(`customer = "${customer.id}"`)}`);
  await before(sal, 'POST', /:win/, () => api.post('sales', `deals/${id}:lose`, { reason: 'price' }));
  await sal.getByRole('button', { name: 'Move Lost race' }).click();
  await sal.getByRole('menuitem', { name: /won/i }).click();
  await expect(sal.getByText('The deal is closed; reopen it first.')).toBeVisible();
});

const refused = (status: number, type: string, detail?: string) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ type: `/problems/${type}`, status, title: type, ...(detail ? { detail } : {}) }),
});

test('422 and 429: a command that was used for something else, and too many attempts', async ({ enter, visitor, cluster, api }) => {
  const { id } = await api.make('sales', 'products', { name: 'Fish food', sku: 'FISH-1' });
  const sal = await enter('sal', `/products/${id}`);
  await expect(sal.getByRole('heading', { level: 1 })).toHaveText('Fish food');
  const said = 'this Idempotency-Key came with another request before';
  await sal.route(new RegExp(`products/${id}$`), (route) =>
    route.request().method() === 'PATCH' ? route.fulfill(refused(422, 'key-reused', said)) : route.continue());
  const place = valueOf(sal, 'sku');
  await place.getByRole('button', { name: /^Edit: / }).press('Enter');
  await place.getByRole('textbox').fill('FISH-2');
  await place.getByRole('textbox').press('Enter');
  await expect(sal.getByText('This was sent before with other contents. Try it once more.')).toBeVisible();
  await expect(place).toContainText('FISH-1');

  const page = await (await visitor()).newPage();
  await page.route(/\/session$/, (route) =>
    route.request().method() === 'POST' ? route.fulfill(refused(429, 'too-many-attempts')) : route.continue());
  await page.goto(cluster.url('sales'));
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByLabel(/^Password/).fill('not it');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('Wait a little and try again');
});
