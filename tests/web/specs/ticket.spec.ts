// SPDX-License-Identifier: Apache-2.0
// An agent's day: from the desk to a ticket, taken, answered and resolved.
import { expect, test } from '../harness/test.ts';

test('an agent takes a ticket from the desk, answers and resolves it', async ({ enter, api, people }) => {
  const customer = await api.make('service', 'customers', { name: 'Dee Desk' });
  const { id } = await api.make('service', 'tickets', {
    subject: 'Lamp does not light',
    text: 'It worked yesterday.',
    customer: customer.id,
    priority: 'urgent',
  });
  const agnes = await enter('agnes', '/desk');
  await agnes.getByRole('link', { name: 'Lamp does not light' }).click();
  await expect(agnes.getByText('It worked yesterday.').first()).toBeVisible();
  await expect(agnes.getByRole('region', { name: 'Deadline' })).toContainText('left');

  await agnes.getByRole('button', { name: /^Assign to me/ }).click();
  await api.seen('service', `tickets/${id}`, (now) => now.owner === people.agnes.id);

  await agnes.getByRole('textbox', { name: 'Your answer' }).fill('Please try another bulb.');
  await agnes.getByRole('button', { name: 'Send answer' }).click();
  await expect(agnes.getByRole('listitem').filter({ hasText: 'Please try another bulb.' })).toBeVisible();
  await expect(agnes.getByRole('region', { name: 'Deadline' })).toContainText('Answered in time');

  await agnes.keyboard.press('Escape');
  await agnes.getByRole('heading', { level: 1 }).click();
  await agnes.keyboard.press('Alt+e');
  await api.seen('service', `tickets/${id}`, (now) => now.state === 'resolved');
  await expect(agnes.getByRole('button', { name: 'Reopen' })).toBeVisible();
});
