// SPDX-License-Identifier: Apache-2.0
// What the departments have to do with the customer: deals, tickets and tasks, each with the way to a new one.
import { type Kind, useKinds } from '@/api/kinds';
import { useMay } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { RelatedKind } from '@/kind/record/Related';

const plurals = ['deals', 'tickets', 'tasks'];

const customerField = (kind: Kind) => kind.fields.find((field) => field.name === kind.customer);

export default function Work({ row }: PanelProps) {
  const book = useKinds();
  const may = useMay();
  return plurals.map((plural) => {
    const kind = book.byPlural(plural);
    const field = kind && customerField(kind);
    return kind && field && may('read', kind.name) ? (
      <RelatedKind key={plural} kind={kind} field={field} id={row.id} always />
    ) : null;
  });
}
