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

/** Presses Tab until what is wanted has the focus; each stop on the way must be visible. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < 120; stop++) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue; // at the browser's own bars
    const label = await focused.evaluate((one) => {
      // A choice that is drawn by its label is seen where that is.
      const label = (one as HTMLInputElement).labels?.[0];
      const box = (label ?? one).getBoundingClientRect();
      const seen = box.width > 0 && box.height > 0 && getComputedStyle(one).visibility !== 'hidden';
      const text = one.getAttribute('aria-label') ?? label?.textContent ?? one.textContent ?? '';
      return seen ? text : `(not to be seen) ${text}`;
    });
    expect(label, 'the focus is seen').not.toContain('(not to be seen)');
    if (name.test(label)) return;
    passed.push(label);
  }
  throw new Error(`Tab does not lead to ${name}; it led to:\n${passed.join('\n')}`);
}
