// SPDX-License-Identifier: Apache-2.0
// What people do on many pages, by what they see: names of buttons and fields, not what they are made of.
import { expect, type Locator, type Page } from '@playwright/test';

/** The row of a list that says this text. */
export function rowOf(page: Page, text: string): Locator {
  return page.getByRole('row', { name: text });
}

/** The section of a record's page that holds its fields. */
const details = (page: Page) => page.getByRole('region', { name: 'Details' });

/** A field of a record's page, by its name in the API. */
export function valueOf(page: Page, field: string): Locator {
  return details(page).locator(`[data-field="${field}"]`);
}

/** Edits a text field of a record's page where it stands. */
export async function editField(page: Page, field: string, value: string): Promise<void> {
  const place = valueOf(page, field);
  await place.getByRole('button', { name: /^Edit: / }).press('Enter');
  const input = place.getByRole('textbox');
  await input.fill(value);
  await input.press('Enter');
  await expect(input).toBeHidden();
}
