// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Entry } from '@/kind/timeline/entries';
import { conversationOf } from './messages';

const entry = (time: string, event: string) => ({ time, event, node: 'n', seq: 1, label: '' }) as Entry;

test('a conversation is oldest first, and does not say twice how it began', () => {
  const said = entry('2026-11-22T10:00:00Z', 'interaction.logged');
  const solved = entry('2026-11-22T11:00:00Z', 'ticket.resolved');
  const opened = entry('2026-11-22T09:00:00Z', 'ticket.opened');
  expect(conversationOf([solved, said, opened])).toEqual([said, solved]);
});
