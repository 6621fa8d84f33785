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
