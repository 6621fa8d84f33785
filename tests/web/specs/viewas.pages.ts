// SPDX-License-Identifier: Apache-2.0
import type { RegisteredPage } from '../harness/pages.ts';

export default [
  {
    name: 'look-as',
    path: '/look-as',
    ready: (page) => page.getByRole('button', { name: /^Look as Sal/ }).waitFor(),
  },
  {
    name: 'looking-as',
    path: '/look-as',
    ready: async (page) => {
      await page.getByRole('button', { name: /^Look as Agnes/ }).click();
      await page.getByRole('button', { name: 'Back to myself' }).waitFor();
      await page.getByRole('link', { name: 'Customers' }).first().click();
      await page.getByRole('row').nth(1).waitFor();
    },
  },
  {
    name: 'sidebar-arranged',
    as: 'sal',
    path: '/customers',
    ready: async (page) => {
      await page.getByRole('row').nth(1).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type('Arrange');
      await page.getByRole('option', { name: /Arrange sidebar/ }).click();
      await page.getByRole('textbox', { name: 'New group' }).fill('My day');
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: 'Group: Calendar' }).click();
      await page.getByRole('option', { name: 'My day' }).click();
    },
  },
] satisfies RegisteredPage[];
