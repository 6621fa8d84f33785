// SPDX-License-Identifier: Apache-2.0
// People of an organization, with the way to another one; at a person, those of the same organization.
import { useQuery } from '@tanstack/react-query';
import { fieldOf } from '@/api/kinds';
import { allQuery } from '@/api/records';
import type { PanelProps } from '@/app/area';
import { useName } from '@/kind/field/Reference';
import { usePast } from '@/kind/past/moment';
import { RecordLine, RelatedKind } from '@/kind/record/Related';
import { Card } from './Card';
import { useTexts } from './pageTexts';

const MOST = 8;

function Colleagues({ kind, row }: PanelProps) {
  const t = useTexts();
  const past = usePast();
  const organization = row.organization as string;
  const name = useName('customers', organization);
  const question = { filter: `organization = "${organization}"`, ...(past ? { as_of: past.at } : {}) };
  const { data } = useQuery(allQuery('customers', { ...question, page_size: 50 }, 50));
  const others = (data ?? []).filter((one) => one.id !== row.id);
  if (!others.length) return null;
  return (
    <Card title={t('colleagues', { organization: name ?? '…' })}>
      {others.slice(0, MOST).map((one) => (
        <RecordLine key={one.id} kind={kind} row={one} without={['organization', 'type']} />
      ))}
    </Card>
  );
}

export default function People({ kind, row }: PanelProps) {
  const t = useTexts();
  const field = fieldOf(kind, 'organization');
  const beside = fieldOf(kind, 'affiliations');
  if (row.type === 'organization' && field)
    return (
      <>
        <RelatedKind kind={kind} field={field} id={row.id} title={t('people')} always />
        {beside && (
          <RelatedKind
            kind={kind}
            field={beside}
            id={row.id}
            title={t('alsoHere')}
            path="affiliations.organization"
          />
        )}
      </>
    );
  return row.organization ? <Colleagues kind={kind} row={row} /> : null;
}
