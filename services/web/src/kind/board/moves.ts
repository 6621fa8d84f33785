// SPDX-License-Identifier: Apache-2.0
// What is to be done so that a record stands in another column. Most fields are simply written; where a
// department has commands for it, those are used, because they keep history and write facts. Pure.
import type { Command, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { isEditable } from '../field/shape';
import { askedOf } from '../record/command';
import type { BoardColumn } from './columns';

interface Way {
  verb: string;
  /** Values from which the command leads there; absent: from any. */
  from?: string[];
}

/** Kind and field, then the value that is wanted; '*': any, as an argument of the field's name. */
// biome-ignore format: a table is read by the row
const ways: Record<string, Record<string, Way>> = {
  'deal.stage': { '*': { verb: 'advance' } },
  'deal.state': { won: { verb: 'win', from: ['open'] }, lost: { verb: 'lose', from: ['open'] }, open: { verb: 'reopen' } },
  'ticket.state': {
    open: { verb: 'reopen', from: ['waiting', 'resolved', 'closed'] }, waiting: { verb: 'wait', from: ['open'] },
    resolved: { verb: 'resolve', from: ['new', 'open', 'waiting'] }, closed: { verb: 'close', from: ['new', 'resolved'] },
  },
  'task.state': { done: { verb: 'complete' } },
  'handover.state': {
    accepted: { verb: 'accept', from: ['offered'] }, refused: { verb: 'refuse', from: ['offered'] },
    withdrawn: { verb: 'withdraw', from: ['offered'] },
  },
};

export interface Step {
  /** Absent: the fields are written. */
  command?: Command;
  body: Record<string, unknown>;
  /** The record as it will be. */
  patch: Record<string, unknown>;
  /** The command wants to know more first. */
  asks: boolean;
}

/** Nothing if there is no way; no steps if it stands there already. */
export function stepsTo(kind: Kind, commands: Command[], row: Row, to: BoardColumn): Step[] | undefined {
  const steps: Step[] = [];
  for (const [name, value] of Object.entries(to.sets)) {
    if ((row[name] || null) === value) continue;
    const patch = { [name]: value };
    const known = ways[`${kind.name}.${name}`];
    const way = value === null ? undefined : (known?.[value] ?? known?.['*']);
    const field = kind.fields.find((one) => one.name === name);
    if (!way) {
      if (!field || !isEditable(field)) return undefined;
      steps.push({ body: patch, patch, asks: false });
      continue;
    }
    const command = commands.find((one) => one.kind === kind.plural && one.verb === way.verb);
    if (!command || (way.from && !way.from.includes(String(row[name])))) return undefined;
    const body = known?.['*'] === way ? patch : {};
    const asks = askedOf(kind, command).some((one) => one.required && !(one.name in body));
    steps.push({ command, body, patch, asks });
  }
  return steps;
}
