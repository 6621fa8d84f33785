// SPDX-License-Identifier: Apache-2.0
// Deals as cards: moved by the mouse and by keys alone, taken back, lost with a reason.
import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../harness/test.ts';

const columnOf = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
const cardIn = (page: Page, column: string, name: string): Locator =>
  columnOf(page, column).getByRole('link', { name, exact: true });

test('a deal goes through its stages', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Boardwalk Ltd' });
  const body = { customer: customer.id, amount: { amount_minor: 4200000, currency: 'EUR' } };
  const deal = await api.make('sales', 'deals', { ...body, name: 'Boardwalk planks' });
  await api.make('sales', 'deals', { ...body, name: 'Boardwalk nails' });
  const stageIs = (stage: string) => api.seen('sales', `deals/${deal.id}`, (now) => now.stage === stage);
  const filter = encodeURIComponent('name:"Boardwalk"');
  const page = await enter('sal', `/deals?filter=${filter}`);
  await expect(page.locator('[data-card]')).toHaveCount(2);
  const names = await page.getByRole('region').getByRole('heading', { level: 2 }).allTextContents();
  const [first = '', second = '', third = ''] = names;
  expect(names.length).toBeGreaterThan(4);

  // By the mouse; and back by the toast.
  await cardIn(page, first, 'Boardwalk planks').dragTo(columnOf(page, second));
  await expect(cardIn(page, second, 'Boardwalk planks')).toBeVisible();
  await stageIs(second);
  await expect(columnOf(page, second).getByLabel('1 card')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await expect(cardIn(page, first, 'Boardwalk planks')).toBeVisible();
  await stageIs(first);

  // By keys alone.
  await cardIn(page, first, 'Boardwalk planks').focus();
  await page.keyboard.press('Space');
  await expect(page.getByText(/Boardwalk planks picked/)).toBeAttached();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await expect(cardIn(page, third, 'Boardwalk planks')).toBeFocused();
  await stageIs(third);

  // Losing asks why at once.
  await columnOf(page, third).getByRole('button', { name: 'Move Boardwalk planks' }).click();
  await page.getByRole('menuitem', { name: /lost/i }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: /Reason/ }).click();
  await page.getByRole('option', { name: /price/i }).click();
  await dialog.getByRole('button', { name: 'Lose', exact: true }).click();
  await expect(cardIn(page, names.at(-1) ?? '', 'Boardwalk planks')).toBeVisible();
  await api.seen('sales', `deals/${deal.id}`, (now) => now.state === 'lost' && now.lost_reason === 'price');
});

test('cards show what is chosen, or names only, and who may edits the stages from there', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Cardinal Ltd' });
  const deal = await api.make('sales', 'deals', { customer: customer.id, name: 'Red hats', probability: 40 });
  const page = await enter('ada', `/deals?filter=${encodeURIComponent('name:"Red hats"')}`);
  const card = page.getByRole('listitem').filter({ has: page.locator(`[data-card="${deal.id}"]`) });
  await expect(card).toContainText('Cardinal Ltd');
  await page.getByRole('button', { name: 'Options' }).click();
  await page.getByRole('switch', { name: 'Names only' }).press('Space');
  await expect(card).not.toContainText('Cardinal Ltd');
  await page.getByRole('switch', { name: 'Names only' }).press('Space');
  await page.getByRole('checkbox', { name: 'Customer', exact: true }).press('Space');
  await expect(card).not.toContainText('Cardinal Ltd');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Edit the stages' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Pipelines/);
});
