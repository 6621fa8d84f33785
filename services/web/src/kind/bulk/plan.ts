// SPDX-License-Identifier: Apache-2.0
// From what somebody wants and says to the requests that do it, and to those that take it back. Pure.
import { fieldOf, type Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { isEmpty } from '../field/Value';
import { sameValue } from '../save';
import type { Offer } from './offers';

export interface Call {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Plan {
  /** undefined: the record is so already. */
  callOf: (row: Row) => Call | undefined;
  /** undefined: there is no way back. */
  backOf: (row: Row, answer: Row | undefined) => Call | undefined;
}

const post = (path: string, body: unknown = {}): Call => ({ method: 'POST', path, body });

/** Of one's own change, as long as nobody has written the record since. */
function undoOf(kind: Kind, row: Row, answer: Row | undefined): Call | undefined {
  if (!answer?.version || answer.version === row.version) return undefined;
  return { ...post(`${kind.plural}/${row.id}:undo`), headers: { 'If-Match': `"${answer.version}"` } };
}

/** Commands that have one way back from where the record was. */
const backs: Record<string, (row: Row, answer: Row | undefined) => Call | undefined> = {
  'deal.advance': (row) => post(`deals/${row.id}:advance`, { stage: row.stage }),
  'deal.win': (row) => post(`deals/${row.id}:reopen`),
  'deal.lose': (row) => post(`deals/${row.id}:reopen`),
  'ticket.resolve': (row) => post(`tickets/${row.id}:reopen`),
  'ticket.close': (row) => post(`tickets/${row.id}:reopen`),
  'task.complete': (row) => ({ method: 'PATCH', path: `tasks/${row.id}`, body: { state: 'open' } }),
  'handover.offer': (_, answer) => answer && post(`handovers/${answer.id}:withdraw`),
};

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function fieldPlan(kind: Kind, name: string, next: (row: Row) => unknown): Plan {
  return {
    callOf: (row) => {
      const value = next(row);
      if (sameValue(row[name], value)) return undefined;
      const path = `${kind.plural}/${row.id}`;
      return { method: 'PATCH', path, body: { [name]: isEmpty(value) ? null : value } };
    },
    backOf: (row, answer) => undoOf(kind, row, answer),
  };
}

export function planOf(kind: Kind, offer: Offer, said: Record<string, unknown>): Plan {
  const path = (row: Row) => `${kind.plural}/${row.id}`;
  switch (offer.type) {
    case 'field':
      return fieldPlan(kind, offer.field.name, () => said[offer.field.name]);
    case 'add':
    case 'remove': {
      const { name } = offer.field;
      const meant = listOf(said[name]);
      const others = (row: Row) => listOf(row[name]).filter((one) => !meant.includes(one));
      return fieldPlan(kind, name, (row) =>
        offer.type === 'remove'
          ? others(row)
          : [...listOf(row[name]), ...meant.filter((one) => !listOf(row[name]).includes(one))],
      );
    }
    case 'command': {
      const body = Object.fromEntries(Object.entries(said).filter(([, value]) => !isEmpty(value)));
      const isThere = (row: Row) =>
        Object.keys(body).length === 1 &&
        Object.entries(body).every(([name, value]) => fieldOf(kind, name)?.read_only && row[name] === value);
      return {
        callOf: (row) => (isThere(row) ? undefined : post(`${path(row)}:${offer.command.verb}`, body)),
        backOf: (row, answer) => backs[offer.command.name]?.(row, answer),
      };
    }
    case 'give': {
      const { command, by, from } = offer;
      const body = Object.fromEntries(Object.entries(said).filter(([, value]) => !isEmpty(value)));
      const to = command.verb ? `${command.kind}:${command.verb}` : command.kind;
      return {
        callOf: (row) => post(to, { ...body, [by]: row[from] }),
        backOf: (row, answer) => backs[command.name]?.(row, answer),
      };
    }
    case 'archive':
      return {
        callOf: (row) => (row.archived === true ? undefined : { method: 'DELETE', path: path(row) }),
        backOf: (row) => post(`${path(row)}:restore`),
      };
    case 'restore':
      return {
        callOf: (row) => (row.archived === true ? post(`${path(row)}:restore`) : undefined),
        backOf: (row) => ({ method: 'DELETE', path: path(row) }),
      };
  }
}
