// SPDX-License-Identifier: Apache-2.0
// An analyst's way: from the figures to what they count.
import { expect, test } from '../harness/test.ts';

test('an analyst goes from a bar to the list that it counts', async ({ enter }) => {
  const anton = await enter('anton', '/');
  await expect(anton).toHaveURL(/\/dashboard/);
  await anton.getByText('Everything', { exact: true }).click();
  const purchases = anton.getByRole('region', { name: 'By type' }).getByRole('link', { name: /^Purchase/ });
  await purchases.click();
  await expect(anton).toHaveURL(/\/interactions\?filter=.*purchase/);
  await expect(anton.getByRole('row').nth(1)).toContainText('Purchase');
});

test('a class leads to its customers, and a chart is a table, too', async ({ enter }) => {
  const anton = await enter('anton', '/dashboard?period=ever');
  const chart = anton.getByRole('region', { name: /^Interactions over time/ });
  await chart.getByRole('button', { name: 'As a table' }).click();
  await expect(chart.getByRole('row').nth(1)).toBeVisible();
  await anton.getByRole('region', { name: 'Customers by class' }).getByRole('link').first().click();
  await expect(anton).toHaveURL(/\/customers\?filter=/);
  await expect(anton.getByRole('row').nth(1)).toBeVisible();
});
