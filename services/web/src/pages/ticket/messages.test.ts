// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { conversationOf, type Entry } from './messages';

const entry = (time: string, more: object) =>
  ({ time, event: 'interaction.logged', node: 'n', seq: 1, label: '', ...more }) as unknown as Entry;

test('a conversation is what names the ticket, oldest first', () => {
  const said = entry('2026-11-22T10:00:00Z', { interaction: { ticket: 't' } });
  const solved = entry('2026-11-22T11:00:00Z', { event: 'ticket.resolved', ticket: { id: 't' } });
  const other = entry('2026-11-22T10:30:00Z', { interaction: { ticket: 'u' } });
  const opened = entry('2026-11-22T09:00:00Z', { event: 'ticket.opened', ticket: { id: 't' } });
  expect(conversationOf([solved, other, said, opened], 't')).toEqual([said, solved]);
});
