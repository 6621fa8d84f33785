// SPDX-License-Identifier: Apache-2.0
import type { Api } from '../harness/api.ts';
import type { RegisteredPage } from '../harness/pages.ts';

const fields = [
  { of: 'campaign', name: 'venue', label: 'Venue', type: 'text', position: 1, required: true, searchable: true },
  { of: 'campaign', name: 'tone', label: 'Tone', type: 'choice', position: 2, indexed: true, options: [{ name: 'calm', label: 'Calm' }, { name: 'loud', label: 'Loud' }] },
  { of: 'campaign', name: 'old_code', label: 'Old code', type: 'number', position: 3 },
];

/** The same each time it is looked at. */
async function fill(api: Api) {
  const { custom_fields: there } = await api.get('sales', 'custom_fields?show_archived=true&page_size=200');
  if (there.some((field: { of: string }) => field.of === 'campaign')) return;
  for (const field of fields) {
    const made = await api.post('sales', 'custom_fields', field);
    if (field.name === 'old_code') await api.ask('sales', 'DELETE', `custom_fields/${made.id}`);
  }
}

export default [
  {
    name: 'schema',
    as: 'ada',
    path: async ({ api }) => {
      await fill(api);
      return '/schema?kind=campaign';
    },
    ready: (page) => page.getByRole('button', { name: 'Take back: Old code' }).waitFor(),
  },
  {
    name: 'schema-field',
    as: 'ada',
    path: async ({ api }) => {
      await fill(api);
      return '/schema?kind=campaign';
    },
    ready: async (page) => {
      await page.getByRole('button', { name: 'Edit: Tone' }).click();
      await page.getByLabel('Label of option 1').waitFor();
    },
  },
] satisfies RegisteredPage[];
