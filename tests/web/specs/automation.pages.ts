// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

const rule = {
  name: 'Thanks for a new deal',
  enabled: false,
  department: 'sales',
  trigger: 'change',
  kind: 'deal',
  change: 'created',
  plan: { steps: [{ name: 'pause', action: 'wait', period: '1d' }] },
};

export default [
  {
    name: 'automation',
    as: 'ada',
    path: async ({ api }) => {
      await api.post('sales', 'rules', rule);
      return '/automation';
    },
    ready: (page) => page.getByRole('rowheader', { name: rule.name }).first().waitFor(),
  },
  {
    name: 'automation-letters',
    as: 'ada',
    path: '/automation',
    ready: async (page) => {
      await page.getByRole('tab', { name: 'Dead letters' }).click();
      await page.getByText('Runs that failed and wait').waitFor();
    },
  },
] satisfies RegisteredPage[];
