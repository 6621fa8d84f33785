// SPDX-License-Identifier: Apache-2.0
// How somebody likes the app goes with them: to another browser, at another node, also in another language.
import type { Page } from '@playwright/test';
import { expect, test } from '../harness/test.ts';

const sidebar = (page: Page) => page.getByRole('navigation').first();

test('density, sidebar, start page and language follow a person to another node, live', async ({ enter, api, people }) => {
  const here = await enter('anton', '/settings', 'analytics');
  const there = await enter('anton', '/customers', 'marketing');
  await expect(sidebar(there).getByRole('link', { name: 'Customers' })).toBeVisible();

  await here.getByText('Roomy', { exact: true }).click();
  await expect(there.locator('[data-density="roomy"]')).toHaveCount(1);

  // The sidebar: an entry moved by keys, another one hidden, a third in a group of one's own.
  await here.getByRole('button', { name: 'Arrange sidebar' }).click();
  const dialog = here.getByRole('dialog', { name: 'Arrange sidebar' });
  await dialog.getByRole('switch', { name: 'Show: Tasks' }).press('Space');
  await dialog.getByRole('textbox', { name: 'New group' }).fill('My day');
  await dialog.getByRole('textbox', { name: 'New group' }).press('Enter');
  await dialog.getByRole('combobox', { name: 'Group: Calendar' }).click();
  await here.getByRole('option', { name: 'My day' }).click();
  await expect(dialog.getByRole('group', { name: 'My day' }).getByText('Calendar')).toBeVisible();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(sidebar(there).getByRole('region', { name: 'My day' }).getByRole('link', { name: 'Calendar' })).toBeVisible();
  await expect(sidebar(there).getByRole('link', { name: 'Tasks' })).toHaveCount(0);

  await here.getByRole('combobox', { name: 'Language' }).click();
  await here.getByRole('option', { name: 'Deutsch' }).click();
  await expect(sidebar(there).getByRole('link', { name: 'Kunden' })).toBeVisible();
  await here.getByRole('combobox', { name: 'Startseite' }).click();
  await here.getByRole('option', { name: 'Kunden' }).click();
  const kept = `preferences?filter=${encodeURIComponent(`owner = "${people.anton.id}"`)}`;
  await api.seen('service', kept, (now) =>
    ['density', 'language', 'sidebarGroups', 'sidebarHidden', 'startPage'].every((name) =>
      now.preferences[0]?.values.some((one: { name: string }) => one.name === name)));

  // A browser that was never used before, at a third node.
  const fresh = await enter('anton', '/', 'service');
  await expect(fresh).toHaveURL(/\/customers/);
  await expect(sidebar(fresh).getByRole('region', { name: 'My day' })).toBeVisible();
  await expect(fresh.getByRole('heading', { level: 1 })).toHaveText('Kunden');
  // Nobody else sees them so.
  const sal = await enter('sal', '/customers', 'service');
  await expect(sal.getByRole('heading', { level: 1 })).toHaveText('Customers');

  // Back, for whoever looks at the same person's pages after this.
  for (const name of ['density', 'language', 'sidebarGroups', 'sidebarHidden', 'startPage'])
    await fresh.evaluate(
      (name) => fetch('/api/v1/preferences:set', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name }) }),
      name,
    );
  await expect(sidebar(there).getByRole('link', { name: 'Customers' })).toBeVisible();
});
