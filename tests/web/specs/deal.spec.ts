// SPDX-License-Identifier: Apache-2.0
// A deal's own page: through its stages by pointer and keys, lost with a reason, what comes next, and the
// page as it was at a moment of the past.
import { valueOf } from '../harness/hand.ts';
import { expect, test } from '../harness/test.ts';

test('a deal is worked on its page', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Pathway Ltd' });
  const amount = { amount_minor: 1000000, currency: 'EUR' };
  const deal = await api.make('sales', 'deals', { name: 'Pathway floor', customer: customer.id, amount }, 'service');
  const is = (holds: (now: { stage: string; state: string; lost_reason?: string; lost_note?: string }) => boolean) =>
    api.seen('sales', `deals/${deal.id}`, holds);
  const page = await enter('sal', `/deals/${deal.id}`);
  const agnes = await enter('agnes', `/deals/${deal.id}`);
  const path = page.getByRole('list', { name: 'Stages of the pipeline' });
  const here = path.locator('[aria-current="step"]');
  await expect(here).toContainText('Qualify');

  // By the pointer, by keys, and back by the toast; the other node follows.
  await path.getByRole('button', { name: /Move to Propose/ }).click();
  await is((now) => now.stage === 'Propose');
  await page.keyboard.press('Shift+ArrowRight');
  await is((now) => now.stage === 'Negotiate');
  await expect(here).toContainText('Negotiate');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await is((now) => now.stage === 'Propose');
  await expect(agnes.locator('[aria-current="step"]')).toContainText('Propose');
  // At service nobody moves a deal, and its agents do not see what it is worth.
  await expect(agnes.getByRole('button', { name: /Move to/ })).toHaveCount(0);
  await expect(agnes.locator('[data-tile="amount"]')).toHaveCount(0);
  await expect(page.locator('[data-tile="amount"]')).toContainText('10,000');

  // What comes next.
  const steps = page.getByRole('region', { name: 'Next step' });
  await steps.getByRole('textbox', { name: 'What comes next?' }).fill('Send samples');
  await steps.getByRole('button', { name: 'Add' }).click();
  await expect(steps.getByRole('link', { name: 'Send samples' })).toBeVisible();
  await steps.getByRole('button', { name: 'Mark as done: Send samples' }).click();
  await expect(steps.getByRole('link', { name: 'Send samples' })).toBeHidden();
  const filter = encodeURIComponent(`deal = "${deal.id}"`);
  await api.seen('sales', `tasks?filter=${filter}`, (now) => now.tasks[0]?.state === 'done');

  // What is written down belongs to the deal and to its customer.
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await page.getByRole('textbox', { name: 'What happened?' }).fill('Wants oak');
  await page.getByRole('button', { name: 'Log' }).click();
  await expect(page.getByRole('tabpanel').getByText('Wants oak')).toBeVisible();

  // Lost, and why; then opened again.
  await page.keyboard.press('Shift+L');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: /Reason/ }).click();
  await page.getByRole('option', { name: /price/i }).click();
  await dialog.getByRole('textbox', { name: /Note/ }).fill('12% below us');
  await dialog.getByRole('button', { name: 'Lose', exact: true }).click();
  await is((now) => now.state === 'lost' && now.lost_reason === 'price' && now.lost_note === '12% below us');
  await expect(page.getByText('12% below us').first()).toBeVisible();
  await page.getByRole('button', { name: 'Open again' }).click();
  await is((now) => now.state === 'open');
});

test('a page as it was at a moment of the past', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Mem Ory', job_title: 'Apprentice' });
  const deal = await api.make('sales', 'deals', { name: 'Memory lane', customer: customer.id });
  await api.post('sales', `deals/${deal.id}:advance`, { stage: 'Propose' });
  await api.patch('sales', `customers/${customer.id}`, { job_title: 'Journeyman' });
  await api.patch('sales', `customers/${customer.id}`, { job_title: 'Master' });
  const page = await enter('sal', `/customers/${customer.id}`);
  const slider = page.getByRole('slider');
  const title = valueOf(page, 'job_title');
  await expect(title).toContainText('Master');

  // By keys from change to change.
  await page.keyboard.press('p');
  await expect(slider).toBeFocused();
  await expect(slider).toHaveAttribute('aria-description', '3 changes');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(title).toContainText('Journeyman');
  await expect(title).toContainText('now Master');
  await expect(page.getByText('This is the past')).toBeVisible();
  // Nothing can be changed, by pointer or keys.
  await expect(title.getByRole('button', { name: /^Edit/ })).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'What happened?' })).toHaveCount(0);
  await page.keyboard.press('e');
  await expect(title.getByRole('textbox')).toHaveCount(0);
  await page.keyboard.press('Home');
  await expect(title).toContainText('Apprentice');
  // A link shows the same moment to somebody else; the deals of then are those of then.
  await expect(page.getByRole('region', { name: 'Deals' })).toHaveCount(0);
  const agnes = await enter('agnes', new URL(page.url()).pathname + new URL(page.url()).search);
  await expect(valueOf(agnes, 'job_title')).toContainText('Apprentice');
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(title).toContainText('Master');
  await expect(page.getByRole('region', { name: 'Deals' })).toBeVisible();
  await slider.press('Escape');
  await expect(slider).toHaveCount(0);

  // The deal's page, by the pointer: its left end is when it was made.
  await page.goto(new URL(`/deals/${deal.id}`, page.url()).href);
  await expect(page.locator('[aria-current="step"]')).toContainText('Propose');
  await page.getByRole('button', { name: 'The page as it was' }).click();
  await slider.click({ position: { x: 1, y: 10 } });
  await expect(page.locator('[aria-current="step"]')).toContainText('Qualify');
  await expect(page.getByRole('button', { name: /Won|Move to/ })).toHaveCount(0);
});
