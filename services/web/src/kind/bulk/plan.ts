// SPDX-License-Identifier: Apache-2.0
// From what somebody wants and says to the requests that do it, and to those that take it back. Pure.
import type { Call } from '@/api/act';
import { fieldOf, type Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { isEmpty } from '../field/Value';
import { wayBack } from '../record/back';
import { sameValue } from '../save';
import type { Offer } from './offers';

export type { Call } from '@/api/act';

/** A line of `:batchChange`: what is written in one record. */
export interface Line {
  id: string;
  record?: Record<string, unknown>;
  archived?: boolean;
  if_match?: string;
}

/** What is done with one of many records: kept in the browser, so it is data and nothing else. */
export type Deed =
  /** `wrote`: taken back only while the field has this value. */
  | { line: Line; wrote?: { name: string; value: unknown } }
  /** `{id}` in the path of a way back is the id that the answer named. */
  | { call: Call };

export interface Step {
  does: Deed;
  /** undefined: there is no way back. */
  back?: Deed;
}

export interface Plan {
  /** For one record. undefined: the record is so already. */
  callOf: (row: Row) => Call | undefined;
  /** undefined: there is no way back. */
  backOf: (row: Row, answer: Row | undefined) => Call | undefined;
  /** For one of many: fields are written in lines, commands are requests of their own. */
  stepOf: (row: Row) => Step | undefined;
}

const post = (path: string, body: unknown = {}): Call => ({ method: 'POST', path, body });

/** Of one's own change, as long as nobody has written the record since. */
function undoOf(kind: Kind, row: Row, answer: Row | undefined): Call | undefined {
  if (!answer?.version || answer.version === row.version) return undefined;
  return { ...post(`${kind.plural}/${row.id}:undo`), headers: { 'If-Match': `"${answer.version}"` } };
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const orNull = (value: unknown) => (isEmpty(value) ? null : value);

/** What the answer will be called, where the way back names it. */
const ANSWERED = { id: '{id}' } as Row;

function commandPlan(name: string, callOf: Plan['callOf']): Plan {
  const way: Plan['backOf'] = (row, answer) => wayBack(name, row, answer);
  const stepOf = (row: Row): Step | undefined => {
    const call = callOf(row);
    const back = way(row, ANSWERED);
    return call && { does: { call }, ...(back ? { back: { call: back } } : {}) };
  };
  return { callOf, backOf: way, stepOf };
}

function archivePlan(kind: Kind, archived: boolean): Plan {
  const path = (row: Row) => `${kind.plural}/${row.id}`;
  const put = (row: Row, away: boolean): Call =>
    away ? { method: 'DELETE', path: path(row) } : post(`${path(row)}:restore`);
  const isSo = (row: Row) => (row.archived === true) === archived;
  return {
    callOf: (row) => (isSo(row) ? undefined : put(row, archived)),
    backOf: (row) => put(row, !archived),
    stepOf: (row) =>
      isSo(row)
        ? undefined
        : { does: { line: { id: row.id, archived } }, back: { line: { id: row.id, archived: !archived } } },
  };
}

function fieldStep(name: string, row: Row, value: unknown, isSet: boolean): Step | undefined {
  if (sameValue(row[name], value)) return undefined;
  const line: Line = { id: row.id, record: { [name]: orNull(value) } };
  // The whole list is written, so it must be the list that was read.
  if (isSet && row.version) line.if_match = row.version;
  const before: Line = { id: row.id, record: { [name]: orNull(row[name]) } };
  return { does: { line }, back: { line: before, wrote: { name, value } } };
}

function fieldPlan(kind: Kind, name: string, next: (row: Row) => unknown, isSet = false): Plan {
  return {
    callOf: (row) => {
      const value = next(row);
      if (sameValue(row[name], value)) return undefined;
      const path = `${kind.plural}/${row.id}`;
      return { method: 'PATCH', path, body: { [name]: orNull(value) } };
    },
    backOf: (row, answer) => undoOf(kind, row, answer),
    stepOf: (row) => fieldStep(name, row, next(row), isSet),
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
      const next = (row: Row) =>
        offer.type === 'remove'
          ? others(row)
          : [...listOf(row[name]), ...meant.filter((one) => !listOf(row[name]).includes(one))];
      return fieldPlan(kind, name, next, true);
    }
    case 'command': {
      const body = Object.fromEntries(Object.entries(said).filter(([, value]) => !isEmpty(value)));
      const isThere = (row: Row) =>
        Object.keys(body).length === 1 &&
        Object.entries(body).every(([name, value]) => fieldOf(kind, name)?.read_only && row[name] === value);
      return commandPlan(offer.command.name, (row) =>
        isThere(row) ? undefined : post(`${path(row)}:${offer.command.verb}`, body),
      );
    }
    case 'give': {
      const { command, by, from } = offer;
      const body = Object.fromEntries(Object.entries(said).filter(([, value]) => !isEmpty(value)));
      const to = command.verb ? `${command.kind}:${command.verb}` : command.kind;
      return commandPlan(command.name, (row) => post(to, { ...body, [by]: row[from] }));
    }
    case 'archive':
    case 'restore':
      return archivePlan(kind, offer.type === 'archive');
  }
}
