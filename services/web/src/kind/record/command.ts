// SPDX-License-Identifier: Apache-2.0
// Commands on records, as the node tells of them.
import type { QueryClient } from '@tanstack/react-query';
import { act } from '@/api/act';
import type { Command, Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { humane, labelText } from '@/texts/schema';
import { nameOf } from '../field/Reference';
import { wayBack } from './back';

/** "notSame" as "Not same" */
export const verbLabel = (command: Command) =>
  humane(command.verb.replace(/[A-Z]/g, (sign) => ` ${sign.toLowerCase()}`));

/** "Consent: Permit" where what it is about is not the record itself. */
export function commandLabel(command: Command): string {
  const [noun = ''] = command.name.split('.');
  const verb = labelText(verbLabel(command));
  return command.kind.startsWith(noun) ? verb : `${labelText(humane(noun))}: ${verb}`;
}

/** What it asks beside the record itself, which stands in the path. */
export const askedOf = (kind: Kind, command: Command): Field[] =>
  (command.fields ?? []).filter((field) => field.name !== kind.name && field.name !== 'id');

export async function runCommand(
  client: QueryClient,
  kind: Kind,
  row: Row,
  command: Command,
  body: Record<string, unknown> = {},
) {
  await act(client, {
    method: 'POST',
    path: `${kind.plural}/${row.id}:${command.verb}`,
    body,
    label: `${labelText(verbLabel(command))}: ${nameOf(kind, row)}`,
    record: { plural: kind.plural, id: row.id },
    wayBack: (answer) => wayBack(command.name, row, answer),
    quiet: true,
  });
  await client.invalidateQueries({ predicate: (query) => query.queryKey.includes(row.id) });
}
