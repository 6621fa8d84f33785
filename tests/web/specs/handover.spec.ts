// SPDX-License-Identifier: Apache-2.0
// A customer is offered to another department from their page, refused with a reason there, offered once more
// and taken; both sides see each step without a reload.
import { expect, test } from '../harness/test.ts';

test('a customer is offered, refused, offered again and accepted', async ({ enter, api }) => {
  const customer = await api.make('sales', 'customers', { name: 'Hanna Over' }, 'marketing');
  const sal = await enter('sal', `/customers/${customer.id}`);
  const card = sal.getByRole('region', { name: 'Hand-overs' });
  const offer = async (reason: string) => {
    await card.getByRole('button', { name: 'Hand over' }).click();
    const dialog = sal.getByRole('dialog');
    await dialog.getByRole('combobox', { name: /^To/ }).click();
    await expect(sal.getByRole('option'), 'neither to sales itself, nor to nobody').toHaveText(['Marketing', 'Service', 'Analytics']);
    await sal.getByRole('option', { name: 'Marketing' }).click();
    await dialog.getByRole('textbox', { name: /Reason/ }).fill(reason);
    await dialog.getByRole('button', { name: 'Hand over' }).click();
    await expect(card.getByRole('link', { name: reason })).toBeVisible();
  };
  await offer('Not ready to buy');

  const mara = await enter('mara', '/handovers');
  const forUs = mara.getByRole('region', { name: 'Waiting for Marketing' });
  const line = forUs.getByRole('listitem').filter({ hasText: 'Hanna Over' });
  await expect(line).toContainText('Not ready to buy');
  await line.getByRole('button', { name: 'Refuse' }).click();
  await mara.getByRole('dialog').getByRole('textbox', { name: /Answer/ }).fill('No consent for mail');
  await mara.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click();
  await expect(line).toHaveCount(0);
  await expect(card.getByText('No consent for mail')).toBeVisible();

  await offer('Has given consent');
  const ours = await enter('sal', '/handovers');
  const waiting = ours.getByRole('region', { name: /Offered by Sales/ }).getByRole('listitem');
  await expect(waiting.filter({ hasText: 'Has given consent' }).getByRole('button', { name: 'Withdraw' })).toBeVisible();
  await line.filter({ hasText: 'Has given consent' }).getByRole('button', { name: 'Accept' }).click();
  await expect(waiting.filter({ hasText: 'Has given consent' })).toHaveCount(0);
  const answered = ours.getByRole('region', { name: 'Answered' });
  await expect(answered.getByRole('listitem').filter({ hasText: 'Has given consent' })).toBeVisible();
  await answered.getByText('Refused', { exact: true }).click();
  await expect(answered.getByRole('listitem').filter({ hasText: 'No consent for mail' })).toBeVisible();
  const states = (found: { handovers: { state: string }[] }) => found.handovers.map((one) => one.state).sort().join();
  await api.seen('sales', `handovers?customer=${customer.id}`, (found) => states(found) === 'accepted,refused');
});
