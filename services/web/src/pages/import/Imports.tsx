// SPDX-License-Identifier: Apache-2.0
// The first step of an import, and those that were before.
import { Badge, Select, Table, Text, Title } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useKinds } from '@/api/kinds';
import { useMay } from '@/api/session';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { formatAgo, formatNumber, useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import { sayFailure } from '@/ui/toast';
import { DropFile } from './FileButton';
import { formatOf, keepFile, markFile } from './file';
import classes from './Import.module.css';
import { useTexts } from './pageTexts';
import { ask, type Import, importsQuery } from './query';
import { Steps } from './Steps';

type State = 'waiting' | 'halfway' | 'complete' | 'undone';
const colors: Record<State, string> = {
  waiting: 'gray',
  halfway: 'yellow',
  complete: 'teal',
  undone: 'gray',
};
const stateOf = (one: Import): State =>
  one.undone ? 'undone' : one.complete ? 'complete' : one.offset ? 'halfway' : 'waiting';

function Begin() {
  const t = useTexts();
  const { pluralText } = useSchemaTexts();
  const { kinds } = useKinds();
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { kind: asked } = useSearch({ strict: false }) as { kind?: string };
  const [plural, setPlural] = useState(asked ?? 'customers');
  const [isBusy, setBusy] = useState(false);
  const choices = kinds
    .filter((kind) => !kind.internal && may('create', kind.name))
    .map((kind) => ({ value: kind.plural, label: pluralText(kind.plural) }));
  const begin = async (file: File) => {
    setBusy(true);
    try {
      const { id } = await ask({ kind: plural, format: formatOf(file.name) });
      if (!id) return;
      keepFile(id, file);
      markFile(id, file);
      await client.invalidateQueries({ queryKey: importsQuery.queryKey });
      await navigate({ to: `/import/${id}` });
    } catch (error) {
      sayFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className={classes.card}>
      <Steps now="file" />
      <Select
        label={t('kind')}
        data={choices}
        value={plural}
        onChange={(next) => next && setPlural(next)}
        allowDeselect={false}
        searchable
        maw={340}
      />
      <DropFile onFile={(file) => void begin(file)} isBusy={isBusy} />
      <Text size="sm" c="dimmed">
        {t('chooseHint')}
      </Text>
    </section>
  );
}

function Earlier({ imports }: { imports: Import[] }) {
  const t = useTexts();
  const { pluralText } = useSchemaTexts();
  useForms();
  return (
    <section className={classes.scroll} aria-label={t('earlier')} tabIndex={0}>
      <Table verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('what')}</Table.Th>
            <Table.Th>{t('when')}</Table.Th>
            <Table.Th ta="right">{t('created')}</Table.Th>
            <Table.Th ta="right">{t('updated')}</Table.Th>
            <Table.Th ta="right">{t('failed')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {imports.map((one) => (
            <Table.Tr key={one.id}>
              <Table.Td>
                <Link to={`/import/${one.id}`}>
                  {pluralText(one.kind ?? '')} (
                  {t('lines', { count: one.rows ?? 0, shown: formatNumber(one.rows ?? 0) })})
                </Link>
              </Table.Td>
              <Table.Td>{one.created_at ? formatAgo(one.created_at) : ''}</Table.Td>
              <Table.Td ta="right">{formatNumber(one.created ?? 0)}</Table.Td>
              <Table.Td ta="right">{formatNumber(one.updated ?? 0)}</Table.Td>
              <Table.Td ta="right">{formatNumber(one.failed ?? 0)}</Table.Td>
              <Table.Td>
                <Badge color={colors[stateOf(one)]}>{t(stateOf(one))}</Badge>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

export default function Imports() {
  const t = useTexts();
  const { data } = useQuery(importsQuery);
  return (
    <Page title={t('title')}>
      <div className={classes.page}>
        <Begin />
        <Title order={2} size="h3">
          {t('earlier')}
        </Title>
        {data?.length === 0 && <Empty icon={IconFileImport} title={t('none')} hint={t('noneHint')} />}
        {data && data.length > 0 && <Earlier imports={data} />}
      </div>
    </Page>
  );
}
