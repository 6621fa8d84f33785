// SPDX-License-Identifier: Apache-2.0
// A table of another system becomes customers, and is taken back.
import { expect, test } from '../harness/test.ts';

const table = [
  'Full Name,E-mail,Colour',
  'Imre Ported,imre.ported@example.com,red',
  'Ida Ported,ida.ported@example.com,blue',
  'Nina Wrong,not an address,green',
  '',
].join('\n');

test('a file is mapped, checked, imported, listed by what became of its lines, and taken back', async ({ enter, api }) => {
  const ada = await enter('ada', '/import');
  const chooser = ada.waitForEvent('filechooser');
  await ada.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  await expect(ada).toHaveURL(/\/import\/[\w-]+$/);
  await expect(ada.getByRole('rowheader', { name: 'Colour' })).toBeVisible();
  await expect(ada.getByText('What is wrong')).toBeVisible();
  await expect(ada.getByRole('region', { name: 'What is wrong' }).getByRole('row')).toHaveCount(2);

  await ada.getByRole('button', { name: /^Import \d/ }).click();
  await expect(ada.getByRole('tab', { name: /Created 2/ })).toBeVisible();
  await ada.getByRole('tab', { name: /Failed 1/ }).click();
  await expect(ada.getByRole('region', { name: 'Failed' }).getByRole('row')).toHaveCount(2);
  const of = (name: string) => `customers?filter=${encodeURIComponent(`name = "${name}"`)}`;
  await api.seen('sales', of('Imre Ported'), (now) => now.customers.length === 1);

  await ada.getByRole('button', { name: 'Undo import' }).click();
  await ada.getByRole('dialog').getByRole('button', { name: 'Undo import' }).click();
  await expect(ada.getByText('2 taken back')).toBeVisible();
  await api.seen('sales', of('Imre Ported'), (now) => now.customers.length === 0);
});

const vcards = ['Viola Card', 'Vito Card']
  .map((name) => ['BEGIN:VCARD', 'VERSION:4.0', `FN:${name}`, `EMAIL:${name.toLowerCase().replace(' ', '.')}@example.com`, 'END:VCARD', ''].join('\r\n'))
  .join('');
const lines = ['Jana Lines', 'Jonas Lines'].map((name) => `${JSON.stringify({ name, country: 'SG' })}\n`).join('');

for (const { what, file, names } of [
  { what: 'cards', file: { name: 'people.vcf', mimeType: 'text/vcard', buffer: Buffer.from(vcards) }, names: ['Viola Card', 'Vito Card'] },
  { what: 'JSON lines', file: { name: 'people.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(lines) }, names: ['Jana Lines', 'Jonas Lines'] },
])
  test(`a file of ${what} becomes customers`, async ({ enter, api }) => {
    const ada = await enter('ada', '/import');
    const chooser = ada.waitForEvent('filechooser');
    await ada.getByRole('button', { name: 'Choose a file' }).click();
    await (await chooser).setFiles(file);
    await ada.getByRole('button', { name: /^Import \d/ }).click();
    await expect(ada.getByRole('tab', { name: /Created 2/ })).toBeVisible();
    for (const name of names)
      await api.seen('sales', `customers?filter=${encodeURIComponent(`name = "${name}"`)}`, (now) => now.customers.length === 1);
  });
