// SPDX-License-Identifier: Apache-2.0
import type { Office } from '../harness/office.ts';
import type { RegisteredPage } from '../harness/pages.ts';

/** A deal that has come some way, with what is to be done next. */
async function dealOf({ api, people }: Office): Promise<string> {
  const owner = people.sal.id;
  const customer = await api.make('sales', 'customers', { type: 'organization', name: 'Northwind Freight' });
  const amount = { amount_minor: 8400000, currency: 'EUR' };
  const body = { name: 'Fleet renewal', customer: customer.id, amount, close_at: '2030-06-20T09:00:00Z', owner };
  const deal = await api.make('sales', 'deals', body);
  await api.post('sales', `deals/${deal.id}:advance`, { stage: 'Propose' });
  await api.post('sales', `deals/${deal.id}:advance`, { stage: 'Negotiate' });
  const about = { customer: customer.id, deal: deal.id };
  await api.post('sales', 'tasks', { ...about, owner, title: 'Send the second proposal', due_at: '2030-06-01T09:00:00Z' });
  await api.post('sales', 'interactions', {
    ...about,
    type: 'call',
    channel: 'phone',
    direction: 'outbound',
    text: 'Wants to add 40 seats, blocked on the invoice problem being solved first.',
    user: owner,
    occurred_at: new Date().toISOString(),
  });
  await api.patch('sales', `deals/${deal.id}`, { amount: { ...amount, amount_minor: 9200000 } });
  return `/deals/${deal.id}`;
}

export default [
  {
    name: 'deal',
    as: 'sal',
    path: dealOf,
    ready: (page) => page.getByRole('tabpanel').getByRole('listitem').first().waitFor(),
  },
  {
    name: 'deal-past',
    as: 'sal',
    path: dealOf,
    ready: async (page) => {
      await page.getByRole('button', { name: 'The page as it was' }).click();
      const slider = page.getByRole('slider');
      await page.locator('[role="slider"]:not([aria-description^="0 "])').waitFor();
      for (const key of ['Home', 'ArrowRight', 'ArrowRight']) await slider.press(key);
      await page.getByText('This is the past').waitFor();
    },
  },
  {
    name: 'deal-page-lost',
    as: 'sal',
    path: async ({ api }) => {
      const customer = await api.make('sales', 'customers', { type: 'organization', name: 'Cold Chain' });
      const deal = await api.make('sales', 'deals', { name: 'Cold storage', customer: customer.id });
      await api.post('sales', `deals/${deal.id}:lose`, { reason: 'price', note: 'Another offer was 12% below' });
      return `/deals/${deal.id}`;
    },
    ready: (page) => page.getByRole('button', { name: 'Open again' }).waitFor(),
  },
] satisfies RegisteredPage[];
