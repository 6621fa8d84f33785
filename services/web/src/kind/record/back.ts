// SPDX-License-Identifier: Apache-2.0
// Commands that have one way back from where the record was.
import type { Call } from '@/api/act';
import type { Row } from '@/api/records';

const post = (path: string, body: unknown = {}): Call => ({ method: 'POST', path, body });

const backs: Record<string, (row: Row, answer: Row | undefined) => Call | undefined> = {
  'deal.advance': (row) => post(`deals/${row.id}:advance`, { stage: row.stage }),
  'deal.win': (row) => post(`deals/${row.id}:reopen`),
  'deal.lose': (row) => post(`deals/${row.id}:reopen`),
  'ticket.resolve': (row) => post(`tickets/${row.id}:reopen`),
  'ticket.close': (row) => post(`tickets/${row.id}:reopen`),
  'task.complete': (row) => ({ method: 'PATCH', path: `tasks/${row.id}`, body: { state: 'open' } }),
  'handover.offer': (_, answer) => answer && post(`handovers/${answer.id}:withdraw`),
};

/** `row` as it was before; `answer` is the node's. undefined: there is no way back. */
export const wayBack = (command: string, row: Row, answer: Row | undefined): Call | undefined =>
  backs[command]?.(row, answer);
