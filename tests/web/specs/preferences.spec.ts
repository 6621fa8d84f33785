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

test('an entry is dragged into a group and out of it again, and a list’s set-up follows to another node', async ({ enter, api, people }) => {
  const here = await enter('mara', '/products');
  const there = await enter('mara', '/products', 'service');
  const kept = `preferences?filter=${encodeURIComponent(`owner = "${people.mara.id}"`)}`;
  const names = (now: { preferences: { values: { name: string }[] }[] }) => now.preferences[0]?.values.map((one) => one.name) ?? [];

  // A column made wider, and one that is summed.
  const width = (page: Page) => page.getByRole('columnheader', { name: /^Name/ }).evaluate((head) => Math.round(head.getBoundingClientRect().width));
  await expect(there.getByRole('columnheader', { name: /^Name/ })).toBeVisible();
  const usual = await width(there);
  const edge = here.getByRole('separator', { name: 'Width of Name' });
  await edge.focus();
  for (let step = 0; step < 5; step++) await here.keyboard.press('ArrowRight');
  await expect.poll(() => width(here)).toBeGreaterThan(usual);
  const wide = await width(here);
  await api.seen('analytics', kept, (now) => names(now).includes('list.products'));
  await expect.poll(() => width(there)).toBe(wide);

  await here.keyboard.press('Control+k');
  await expect(here.getByRole('dialog')).toBeVisible();
  await here.keyboard.type('arrange');
  await expect(here.getByRole('option', { name: 'Arrange sidebar' })).toBeVisible();
  await here.keyboard.press('Enter');
  const dialog = here.getByRole('dialog', { name: 'Arrange sidebar' });
  await dialog.getByRole('textbox', { name: 'New group' }).fill('Mine');
  await dialog.getByRole('button', { name: 'Add group' }).click();
  const group = dialog.getByRole('group', { name: 'Mine' });
  await dialog.getByText('Calendar', { exact: true }).dragTo(group.getByText('Drag entries here'));
  await expect(group.getByText('Calendar')).toBeVisible();
  await dialog.getByText('Tasks', { exact: true }).dragTo(group.getByText('Calendar', { exact: true }));
  await expect(group.getByRole('switch')).toHaveCount(2);
  await expect(group.getByRole('switch').first()).toHaveAccessibleName('Show: Tasks');
  const mine = sidebar(there).getByRole('region', { name: 'Mine' });
  await expect(mine.getByRole('link')).toHaveText(['Tasks', 'Calendar']);
  await dialog.getByRole('button', { name: 'Remove group Mine' }).click();
  await expect(mine).toHaveCount(0);
  await expect(sidebar(there).getByRole('link', { name: 'Calendar' })).toBeVisible();

  for (const name of ['list.products', 'sidebarGroups', 'sidebar'])
    await here.evaluate(
      (name) => fetch('/api/v1/preferences:set', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name }) }),
      name,
    );
});

test('a link to elsewhere stands in the sidebar at every node until it is removed', async ({ enter }) => {
  const here = await enter('mara', '/products');
  const there = await enter('mara', '/products', 'service');
  await here.keyboard.press('Control+k');
  await here.keyboard.type('arrange');
  await here.getByRole('option', { name: 'Arrange sidebar' }).click();
  const dialog = here.getByRole('dialog', { name: 'Arrange sidebar' });
  const add = dialog.getByRole('button', { name: 'Add link' });
  await dialog.getByRole('textbox', { name: 'Name of the link' }).fill('Team wiki');
  await dialog.getByRole('textbox', { name: 'Address' }).fill('javascript:alert(1)');
  await expect(add).toBeDisabled();
  await dialog.getByRole('textbox', { name: 'Address' }).fill('wiki.example/team');
  await add.click();
  const link = (page: Page) => page.getByRole('region', { name: 'Links' }).getByRole('link', { name: 'Team wiki' });
  await expect(link(there)).toHaveAttribute('href', 'https://wiki.example/team');
  await dialog.getByRole('button', { name: 'Remove link Team wiki' }).click();
  await expect(link(there)).toHaveCount(0);
});
