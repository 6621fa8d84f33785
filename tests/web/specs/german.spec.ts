// SPDX-License-Identifier: Apache-2.0
// The pages of every day in German: nothing on them is left in English.
import { englishOnly, shownTexts } from '../harness/german.ts';
import { settle, takeShot } from '../harness/look.ts';
import { expect, test } from '../harness/test.ts';

test('nothing on the daily pages is left in English', async ({ enter, api }) => {
  const english = englishOnly();
  // Names that somebody gave: two roles, a pipeline, the step of a rule.
  for (const name of ['Administrator', 'Agent', 'Sales', 'Create a record']) english.delete(name);
  expect(english.size).toBeGreaterThan(500);
  const { customers } = await api.get('sales', 'customers?page_size=1');
  const { deals } = await api.get('sales', 'deals?page_size=1');
  const { tickets } = await api.get('sales', 'tickets?page_size=1');
  const paths = [
    '/customers',
    `/customers/${customers[0].id}`,
    '/deals',
    `/deals/${deals[0].id}`,
    '/desk',
    `/tickets/${tickets[0].id}`,
    '/dashboard?period=ever',
    '/calendar',
    '/tasks',
    '/segments',
    '/handovers',
    '/network',
    '/settings',
    '/access',
    '/automation',
    '/import',
    '/webhooks',
    '/records',
  ];
  await api.post('service', 'preferences:set', { name: 'language', value: '"de"' });
  const left: string[] = [];
  try {
    const ada = await enter('ada', '/settings', 'service');
    await expect(ada.getByRole('heading', { level: 1 })).toHaveText('Einstellungen');
    for (const path of paths) {
      await ada.goto(new URL(path, ada.url()).href);
      await expect(ada.getByRole('heading', { level: 1 })).toBeVisible();
      await settle(ada);
      const shown = await shownTexts(ada);
      left.push(...shown.filter((text) => english.has(text)).map((text) => `${path}: ${text}`));
      await takeShot(ada, `german-${path.split(/[/?]/)[1]}${path.split('/').length > 2 ? '-one' : ''}`);
    }
  } finally {
    await api.post('service', 'preferences:set', { name: 'language' });
  }
  expect(left).toEqual([]);
});
