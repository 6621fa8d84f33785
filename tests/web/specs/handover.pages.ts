// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'handovers',
    as: 'sal',
    path: async ({ api }) => {
      const { customers } = await api.get('sales', 'customers?page_size=3');
      const reasons = ['Not ready to buy, wants news', 'Asks for a figure that only analytics has', 'Met at the fair'];
      for (const [at, reason] of reasons.entries()) {
        const to = at === 1 ? 'analytics' : 'marketing';
        await api.post('sales', 'handovers', { customer: customers[at].id, to, reason });
      }
      const body = { customer: customers[0].id, to: 'sales', reason: 'Has opened three mails about looms' };
      await api.post('marketing', 'handovers', body);
      return '/handovers';
    },
    ready: (page) => page.getByRole('button', { name: 'Withdraw' }).first().waitFor(),
  },
] satisfies RegisteredPage[];
