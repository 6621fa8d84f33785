// SPDX-License-Identifier: Apache-2.0
// A rule is tried without doing anything; a run that failed is found among the dead letters and tried again.
import { expect, test } from '../harness/test.ts';

test('a rule is dry run, and a run that failed is looked at and tried again', async ({ enter, api }) => {
  await api.post('sales', 'rules', {
    name: 'Letters to nobody',
    enabled: true,
    department: 'sales',
    trigger: 'change',
    kind: 'task',
    change: 'created',
    plan: { steps: [{ name: 'write', action: 'mail', to: 'nobody@example.com', subject: 'x', text: 'y' }] },
  });
  const ada = await enter('ada', '/automation');
  await ada.getByRole('row', { name: 'Letters to nobody' }).getByRole('button', { name: 'Dry run' }).click();
  const dialog = ada.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Look' }).click();
  await expect(dialog.getByText(/would have run/)).toBeVisible();
  await ada.keyboard.press('Escape');

  await api.post('sales', 'tasks', { title: 'Sets it off' });
  await ada.getByRole('tab', { name: 'Dead letters' }).click();
  const row = ada.getByRole('region', { name: 'Dead letters' }).getByRole('row', { name: 'Letters to nobody' }).first();
  await expect(row.getByText('Failed')).toBeVisible();
  await row.getByRole('button', { name: 'Retry' }).click();
  await row.getByRole('link').click();
  await ada.getByRole('tab', { name: 'Steps' }).click();
  await expect(ada.getByText('1. write')).toBeVisible();
});
