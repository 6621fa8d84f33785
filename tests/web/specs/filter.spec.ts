// SPDX-License-Identifier: Apache-2.0
// A list is filtered by the mouse: conditions are chosen, seen as chips, and taken out one by one.
import { expect, test } from '../harness/test.ts';

test('conditions count once they have a value, are seen as chips and leave by their cross', async ({ enter, api }) => {
  await api.make('sales', 'customers', { name: 'Chipper One', type: 'person', country: 'IS', job_title: 'Chipper' });
  await api.make('sales', 'customers', { name: 'Chipper Two', type: 'organization', country: 'IS', job_title: 'Chipper' });
  const page = await enter('sal', `/customers?filter=${encodeURIComponent('job_title = "Chipper"')}`);
  const rows = page.getByRole('row', { name: /Chipper/ });
  await expect(rows).toHaveCount(2);
  const chips = page.getByRole('list', { name: 'Conditions of the filter' }).getByRole('listitem');
  await expect(chips).toHaveText(['Job title is Chipper']);

  // The list stays while somebody is choosing.
  await page.getByRole('button', { name: /^Filter/ }).click();
  const panel = page.getByRole('dialog');
  await panel.getByRole('button', { name: 'Add condition' }).click();
  await expect(panel.getByRole('combobox')).toHaveCount(5);
  await expect(rows).toHaveCount(2);
  await panel.getByRole('combobox').nth(4).click();
  await page.getByRole('option', { name: 'Person', exact: true }).click();
  await expect(rows).toHaveCount(1);
  await expect(chips).toHaveText(['Job title is Chipper', 'Type is Person', 'Clear all']);
  // What opens over the panel belongs to it; anything else closes it.
  await expect(panel).toBeVisible();
  await page.getByRole('heading', { level: 1 }).click();
  await expect(panel).toBeHidden();

  await page.getByRole('button', { name: 'Without: type = person' }).click();
  await expect(rows).toHaveCount(2);
  await expect(chips).toHaveText(['Job title is Chipper']);
  await page.getByRole('button', { name: 'Job title is Chipper' }).click();
  await expect(panel.getByRole('combobox')).toHaveCount(2);
});

test('a list is ordered by its heads, level by level, and says how many records it has', async ({ enter, api }) => {
  const make = (name: string, job_title: string) => api.make('sales', 'customers', { name, job_title, language: 'se' });
  await make('Sorta B', 'Potter');
  await make('Sorta A', 'Potter');
  await make('Sorta C', 'Baker');
  const page = await enter('sal', `/customers?columns=name,job_title&filter=${encodeURIComponent('language = "se"')}`);
  const names = page.getByRole('row', { name: /Sorta/ }).getByText(/^Sorta .$/);
  const head = (name: string) => page.getByRole('button', { name, exact: true });
  await expect(names).toHaveCount(3);
  await expect(page.getByText('3 records', { exact: true })).toBeVisible();
  await head('Job title').click();
  await head('Name').click({ modifiers: ['Shift'] });
  await expect(names).toHaveText(['Sorta C', 'Sorta A', 'Sorta B']);
  await head('Job title').click({ modifiers: ['Shift'] });
  await expect(names).toHaveText(['Sorta A', 'Sorta B', 'Sorta C']);
  await expect(page.getByRole('columnheader', { name: /^Job title/ })).toHaveAttribute('aria-sort', 'descending');

  await page.getByRole('button', { name: 'Sort · 2' }).click();
  await page.getByRole('button', { name: 'Remove: Level 1' }).click();
  await page.getByRole('radio', { name: 'Highest first' }).press('Space');
  await expect(names).toHaveText(['Sorta C', 'Sorta B', 'Sorta A']);
  await page.getByRole('button', { name: 'Not ordered' }).click();
  await expect(page.getByRole('button', { name: 'Sort', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  // More than are loaded are counted, too.
  const { count } = await api.get('sales', 'customers:aggregate');
  await page.goto(page.url().replace(/customers.*/, 'customers'));
  expect(count).toBeGreaterThan(100);
  await expect(page.getByText(`${count} records`, { exact: true })).toBeVisible();
});
