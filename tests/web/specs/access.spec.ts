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

test('with a right of a team only what its people own is offered for change', async ({ enter, api, people }) => {
  const before = await api.get('sales', `users/${people.anton.id}`);
  const role = await api.post('sales', 'roles', {
    name: 'Of the team',
    grants: [{ kind: '*', read: 'all', create: 'team', change: 'team', archive: 'team', export: 'all' }],
  });
  const uma = await api.post('sales', 'users', { name: 'Uma Team', email: 'uma@example.com', team: before.team, department: 'analytics' });
  const theirs = await api.make('sales', 'customers', { name: 'Of another team', owner: people.sal.id }, 'analytics');
  const ours = await api.make('sales', 'customers', { name: 'Of our team', owner: uma.id }, 'analytics');
  await api.patch('sales', `users/${people.anton.id}`, { roles: [role.id] });
  try {
    await api.seen('analytics', `users/${people.anton.id}`, (now) => now.roles[0] === role.id);
    const anton = await enter('anton', `/customers/${ours.id}`);
    const details = anton.getByRole('region', { name: 'Details' });
    const ways = anton.getByRole('group', { name: 'What is written down' });
    await expect(anton.getByRole('heading', { level: 1 })).toHaveText('Of our team');
    await expect(details.locator('[data-edit]').first()).toBeVisible();
    await expect(ways.getByRole('button', { name: 'Note' })).toBeVisible();

    await anton.goto(new URL(`/customers/${theirs.id}`, anton.url()).href);
    await expect(anton.getByRole('heading', { level: 1 })).toHaveText('Of another team');
    await expect(ways.getByRole('button', { name: 'Task' })).toBeVisible();
    await expect(ways.getByRole('button', { name: 'Note' })).toHaveCount(0);
    await expect(details.locator('[data-edit]')).toHaveCount(0);
    await anton.getByRole('button', { name: 'More', exact: true }).click();
    await expect(anton.getByRole('menuitem', { name: 'Copy link' })).toBeVisible();
    await expect(anton.getByRole('menuitem', { name: 'Archive' })).toHaveCount(0);
  } finally {
    await api.patch('sales', `users/${people.anton.id}`, { roles: before.roles });
  }
});
