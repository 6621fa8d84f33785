// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isAbout } from './about';
import type { Entry } from './entries';

const entry = (more: object) =>
  ({
    time: '2026-11-22T10:00:00Z',
    event: 'e',
    label: '',
    department: 'sales',
    node: 'n',
    seq: 1,
    ...more,
  }) as Entry;

test('an entry is about what it names, directly or through its record', () => {
  expect(isAbout(entry({ interaction: { id: 'i', deal: 'd' } }), 'deal', 'd')).toBe(true);
  expect(isAbout(entry({ fact: { deal: 'd' } }), 'deal', 'd')).toBe(true);
  expect(isAbout(entry({ deal: { id: 'd' } }), 'deal', 'd')).toBe(true);
  expect(isAbout(entry({ task: { id: 't', deal: 'd' } }), 'deal', 'd')).toBe(true);
  expect(isAbout(entry({ fact: { deal: 'other' }, task: { id: 'd' } }), 'deal', 'd')).toBe(false);
  expect(isAbout(entry({ fact: { ticket: 'd' } }), 'deal', 'd')).toBe(false);
});
