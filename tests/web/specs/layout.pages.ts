// SPDX-License-Identifier: Apache-2.0
import type { Api } from '../harness/api.ts';
import type { RegisteredPage } from '../harness/pages.ts';

const fields = [
  { name: 'harbour', label: 'Harbour', type: 'text' },
  { name: 'built_on', label: 'Built', type: 'date' },
  { name: 'length', label: 'Length', type: 'decimal', scale: 1 },
  { name: 'insured', label: 'Insured', type: 'yes_no' },
  { name: 'story', label: 'Story', type: 'long_text' },
];
const tabs = [
  {
    title: 'Ship',
    blocks: [
      { title: 'In short', fields: ['harbour', 'length', 'built_on'] },
      { title: 'Papers', fields: ['insured'], folded: true },
      { fields: ['story'] },
    ],
  },
  { title: 'People', blocks: [{ fields: ['customer'] }] },
];

/** A kind of its own, so that no other page is laid out otherwise. The same each time it is looked at. */
async function fill(api: Api): Promise<string> {
  const { custom_kinds: there } = await api.get('sales', 'custom_kinds?page_size=200');
  if (!there.some((one: { name: string }) => one.name === 'vessel')) {
    await api.post('sales', 'custom_kinds', { name: 'vessel', plural: 'vessels', label: 'Vessel' });
    for (const [at, field] of fields.entries())
      await api.post('sales', 'custom_fields', { of: 'vessel', position: at + 1, ...field });
    await api.post('sales', 'page_layouts', { of: 'vessels', plan: { tabs } });
    await api.post('sales', 'vessels', { name: 'Marigold', harbour: 'Emden', length: '18.5', built_on: '1931-04-02', story: 'Built for the herring, kept for the people.' });
  }
  return (await api.get('sales', 'vessels?page_size=1')).vessels[0].id;
}

export default [
  {
    name: 'layout-editor',
    as: 'ada',
    path: async ({ api }) => {
      await fill(api);
      return '/schema?kind=vessel&place=layout';
    },
    ready: (page) => page.getByRole('region', { name: 'Preview' }).getByRole('tab', { name: 'People' }).waitFor(),
  },
  {
    name: 'layout-none',
    as: 'ada',
    path: async () => '/schema?kind=product&place=layout',
    ready: (page) => page.getByRole('button', { name: 'Lay out the page' }).waitFor(),
  },
  {
    name: 'layout-record',
    as: 'ada',
    path: async ({ api }) => `/vessels/${await fill(api)}`,
    ready: (page) => page.getByRole('region', { name: 'Details' }).getByRole('tab', { name: 'People' }).waitFor(),
  },
] satisfies RegisteredPage[];
