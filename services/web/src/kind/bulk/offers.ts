// SPDX-License-Identifier: Apache-2.0
// What can be done with records of a kind, one or many: its fields, its commands, and commands of others
// that want such a record (handing a customer over). Found in the schema. Pure.
import type { Command, Field, Kind, KindBook } from '@/api/kinds';
import type { Action } from '@/api/session';
import { isEditable, shapeOf } from '../field/shape';
import { askedOf } from '../record/command';

export type Offer =
  | { type: 'field'; id: string; field: Field }
  /** Elements of a set of texts, beside those that are there. */
  | { type: 'add' | 'remove'; id: string; field: Field }
  | { type: 'command'; id: string; command: Command }
  /** A command on another kind, which is told the record in a field. */
  | { type: 'give'; id: string; command: Command; by: string; from: string }
  | { type: 'archive' | 'restore'; id: string };

/** These say something of one record and another one, or for good: never of many. */
const isForOne = (kind: Kind, command: Command) =>
  command.name === 'customer.erase' ||
  askedOf(kind, command).some((field) => field.reference === kind.plural);

/** What is done most often stands first. */
const isOwner = (field: Field) => field.name === 'owner' && field.reference === 'users';

const isTags = (field: Field) =>
  field.repeated && field.type === 'text' && !field.reference && !field.read_only;

/** Commands that stand alone and want a record of this kind, or the customer whose it is. */
function givings(kind: Kind, book: KindBook): Offer[] {
  return book.commands.flatMap((command): Offer[] => {
    if (!command.bare || command.kind === kind.plural) return [];
    const wanted = (command.fields ?? []).filter((field) => field.required && field.reference);
    const own = wanted.find((field) => field.reference === kind.plural);
    const customers = wanted.find((field) => field.reference === 'customers');
    const found = own ?? (kind.customer ? customers : undefined);
    if (!found || wanted.length > 1) return [];
    const from = own ? 'id' : (kind.customer ?? '');
    return [{ type: 'give', id: command.name, command, by: found.name, from }];
  });
}

export function offersOf(
  kind: Kind,
  book: KindBook,
  may: (action: Action, kind: string) => boolean,
  count: number,
): Offer[] {
  const canChange = may('change', kind.name);
  const commands = canChange
    ? book.commandsOf(kind.plural).filter((command) => count === 1 || !isForOne(kind, command))
    : [];
  const fields = canChange && !kind.internal && !kind.in_log ? kind.fields.filter(isEditable) : [];
  const canArchive = may('archive', kind.name) && !kind.internal && !kind.in_log;
  const change = (field: Field): Offer => ({ type: 'field', id: `field ${field.name}`, field });
  return [
    ...fields.filter(isOwner).map(change),
    ...commands.map((command): Offer => ({ type: 'command', id: command.name, command })),
    ...(canChange ? givings(kind, book) : []),
    ...fields.filter(isTags).flatMap((field): Offer[] => [
      { type: 'add', id: `add ${field.name}`, field },
      { type: 'remove', id: `remove ${field.name}`, field },
    ]),
    ...fields
      // Sets of objects are told apart by their keys; one form for all would overwrite them.
      .filter((field) => !isOwner(field) && (shapeOf(field) !== 'set' || isTags(field)))
      .map(change),
    ...(canArchive
      ? ([
          { type: 'archive', id: 'archive' },
          { type: 'restore', id: 'restore' },
        ] as const)
      : []),
  ];
}

/** Nothing is handed over to nobody in particular, nor to those who have it. */
export const asOffered = (offer: Offer, field: Field, own: string): Field =>
  offer.id === 'handover.offer' && field.name === 'to' && field.values
    ? { ...field, values: field.values.filter((name) => name !== 'any' && name !== own) }
    : field;
