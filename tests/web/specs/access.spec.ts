// SPDX-License-Identifier: Apache-2.0
// Somebody is invited, and what a role allows is changed in its table.
import { expect, test } from '../harness/test.ts';

test('a person is invited by a link, and a right is given in the table of a role', async ({ enter, api }) => {
  const user = await api.post('sales', 'users', { name: 'Nell Newcome', email: 'nell@example.com', department: 'sales' });
  const grants = [{ kind: '*', read: 'own' }];
  const role = await api.post('sales', 'roles', { name: 'Trainee', grants });
  const ada = await enter('ada', '/access');
  await ada.getByRole('button', { name: `Invite ${user.name}` }).click();
  await expect(ada.getByRole('dialog').getByLabel('Link')).toHaveValue(/^http/);
  await ada.keyboard.press('Escape');

  await ada.getByRole('tab', { name: 'Roles' }).click();
  await ada.getByRole('link', { name: 'Trainee' }).click();
  await ada.getByRole('tab', { name: 'Rights' }).click();
  await ada.getByRole('combobox', { name: 'Every other kind: Change' }).click();
  await ada.getByRole('option', { name: 'Own' }).click();
  await api.seen('sales', `roles/${role.id}`, (now) => now.grants[0].change === 'own' && now.grants[0].read === 'own');
});

test('who may only read somebody else’s records is offered no change of them', async ({ enter, api, people }) => {
  // An analyst may change what is their own only.
  const theirs = await api.make('sales', 'customers', { name: 'Not Antons', owner: people.sal.id }, 'analytics');
  const own = await api.make('sales', 'customers', { name: 'Is Antons', owner: people.anton.id }, 'analytics');
  const deal = await api.make('sales', 'deals', { name: 'Not his deal', customer: theirs.id, owner: people.sal.id }, 'analytics');
  const anton = await enter('anton', `/customers/${own.id}`);
  const details = anton.getByRole('region', { name: 'Details' });
  await expect(details.getByRole('button', { name: 'Edit: Name' }).or(details.locator('[data-edit]').first())).toBeVisible();
  const more = anton.getByRole('button', { name: 'More', exact: true });
  await more.click();
  await expect(anton.getByRole('menuitem', { name: 'Archive' })).toBeVisible();
  await anton.keyboard.press('Escape');

  await anton.goto(new URL(`/customers/${theirs.id}`, anton.url()).href);
  await expect(anton.getByRole('heading', { level: 1 })).toHaveText('Not Antons');
  await expect(details.locator('[data-field]').first()).toBeVisible();
  await expect(details.locator('[data-edit]')).toHaveCount(0);
  await more.click();
  await expect(anton.getByRole('menuitem', { name: 'Copy link' })).toBeVisible();
  for (const name of ['Archive', 'Undo my last change', 'Erase'])
    await expect(anton.getByRole('menuitem', { name })).toHaveCount(0);
  await anton.keyboard.press('Escape');

  // Nor in a list, by the pointer or by keys.
  await anton.goto(new URL(`/deals?layout=table&filter=${encodeURIComponent(`id = "${deal.id}"`)}`, anton.url()).href);
  const cell = anton.getByRole('row', { name: 'Not his deal' }).getByRole('gridcell').nth(3);
  await cell.dblclick();
  await anton.keyboard.press('F2');
  await expect(anton.getByRole('grid').locator('[data-editing]')).toHaveCount(0);
});
