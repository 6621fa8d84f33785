// SPDX-License-Identifier: Apache-2.0
// Saved views as things that people keep in order; a record beside its list, and in a tab of its own.
import { expect, test } from '../harness/test.ts';

test('a view is renamed, made the first one, doubled and kept among the favourites', async ({ enter, api }) => {
  await api.make('sales', 'customers', { name: 'Viewed Ltd', job_title: 'Viewer' });
  const page = await enter('sal', `/customers?filter=${encodeURIComponent('job_title = "Viewer"')}`);
  const heading = page.getByRole('heading', { level: 1 });
  const more = async (item: string) => {
    await page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const name = page.getByRole('dialog').getByRole('textbox', { name: /^Name of the view/ });
  await page.getByRole('button', { name: 'Save as new view' }).click();
  await name.fill('Viewers');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(heading).toHaveText('Viewers');
  await more('Rename, or show it to others');
  await expect(name).toHaveValue('Viewers');
  await name.fill('Onlookers');
  await page.getByRole('dialog').getByRole('radio', { name: 'everybody' }).press('Space');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(heading).toHaveText('Onlookers');
  await more('Add this page to the favourites');
  await expect(page.getByRole('region', { name: 'Favourites' }).getByRole('link', { name: 'Onlookers' })).toBeVisible();

  // The list opens with it, and all records are one step away.
  await more('Open the list with it');
  await page.getByRole('link', { name: 'Deals', exact: true }).click();
  await page.getByRole('link', { name: 'Customers', exact: true }).click();
  await expect(heading).toHaveText('Onlookers');
  await expect(page.getByRole('row', { name: /Viewed Ltd/ })).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Onlookers' }).click();
  await page.getByRole('menuitem', { name: 'All customers' }).click();
  await expect(heading).toHaveText('Customers');
  await page.goBack();
  await expect(heading).toHaveText('Onlookers');
  await more('Open the list with it');
  await more('Duplicate');
  await name.fill('Onlookers, too');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(heading).toHaveText('Onlookers, too');

  // Somebody else sees the one that was shown to everybody.
  const agnes = await enter('agnes', '/customers');
  await agnes.getByRole('main').getByRole('button', { name: 'All customers' }).click();
  await expect(agnes.getByRole('menuitem', { name: 'Onlookers', exact: true })).toBeVisible();
  await expect(agnes.getByRole('menuitem', { name: 'Onlookers, too' })).toHaveCount(0);
});

test('a record is looked at beside its list by the mouse, and its name is a link', async ({ enter, api }) => {
  const { id } = await api.make('sales', 'customers', { name: 'Peeked Ltd', job_title: 'Peeker' });
  const page = await enter('sal', `/customers?filter=${encodeURIComponent('job_title = "Peeker"')}`);
  const peek = page.getByRole('button', { name: 'Look at it beside the list: Peeked Ltd' });
  // As a pointer does that is on its way.
  await expect(async () => {
    await page.mouse.move(700, 500);
    await page.getByRole('row', { name: /Peeked Ltd/ }).hover();
    await expect(peek).toBeVisible({ timeout: 500 });
  }).toPass();
  await peek.click();
  await expect(page.getByRole('dialog').getByText('Peeked Ltd').first()).toBeVisible();
  await expect(page.getByRole('grid')).toBeVisible();
  const link = page.getByRole('row', { name: /Peeked Ltd/ }).getByRole('link', { name: 'Peeked Ltd' });
  await expect(link).toHaveAttribute('href', `/customers/${id}`);
  const [tab] = await Promise.all([page.context().waitForEvent('page'), link.click({ modifiers: ['ControlOrMeta'] })]);
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Peeked Ltd');
  await expect(page).toHaveURL(/\/customers\?/);
});

test('a list without records leads to the first one, or to an import for who may', async ({ enter, api }) => {
  const { retention_rules: others } = await api.get('sales', 'retention_rules');
  for (const { id } of others) await api.ask('sales', 'DELETE', `retention_rules/${id}`);
  const ada = await enter('ada', '/retention_rules');
  await ada.getByRole('link', { name: 'Import a file' }).click();
  await expect(ada.getByRole('combobox', { name: 'What are its lines?' })).toHaveValue('Retention rules');
  const sal = await enter('sal', '/retention_rules');
  await expect(sal.getByText(/^No retention rules yet/)).toBeVisible();
  await expect(sal.getByRole('link', { name: 'Import a file' })).toHaveCount(0);
});
