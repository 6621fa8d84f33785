// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

const table = '/customers?layout=table';

export default [
  {
    name: 'bulk-ask',
    as: 'sal',
    path: table,
    ready: async (page) => {
      await page.getByRole('row').nth(3).waitFor();
      await page.keyboard.press('Control+a');
      await page.getByRole('toolbar').getByRole('button', { name: /Assign/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'palette-selection',
    as: 'sal',
    path: table,
    ready: async (page) => {
      await page.getByRole('row').nth(3).waitFor();
      await page.keyboard.press('Control+a');
      await page.getByRole('toolbar').waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('option').first().waitFor();
    },
  },
] satisfies RegisteredPage[];
