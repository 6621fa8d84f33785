// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Switch, Table, Text } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { change } from '@/api/act';
import { allQuery, type Row } from '@/api/records';
import { later } from '@/app/offline/later';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { Page } from '@/ui/Page';
import { useTexts } from './pageTexts';
import classes from './Webhooks.module.css';
import { stateColors, stateOf, wantsOf } from './wants';

const NewWebhook = later(() => import('./NewWebhook'));

function Line({ row }: { row: Row }) {
  const t = useTexts();
  const client = useQueryClient();
  const name = String(row.name ?? '');
  const state = stateOf(row);
  const turn = (enabled: boolean) =>
    void change(client, 'webhooks', row, { enabled }, t('turnOn', { name })).catch(() => undefined);
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Link to={`/webhooks/${row.id}`}>{name}</Link>
      </Table.Th>
      <Table.Td className={classes.url}>{String(row.url ?? '')}</Table.Td>
      <Table.Td>{wantsOf(row).join(', ') || t('everything')}</Table.Td>
      <Table.Td>
        <Badge color={stateColors[state]}>{t(state)}</Badge>
        {state === 'stopped' && (
          <Text size="xs" c="dimmed">
            {String(row.stopped)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Switch
          aria-label={t('turnOn', { name })}
          checked={!!row.enabled}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
      </Table.Td>
    </Table.Tr>
  );
}

function List({ rows }: { rows: Row[] }) {
  const t = useTexts();
  return (
    <section className={classes.scroll} aria-label={t('title')} tabIndex={0}>
      <Table verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th>{t('url')}</Table.Th>
            <Table.Th>{t('wants')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th>{t('on')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Line key={row.id} row={row} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

export default function Webhooks() {
  const t = useTexts();
  const { data, error } = useQuery(allQuery('webhooks'));
  const [isNew, setNew] = useState(false);
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setNew(true)}>
      {t('add')}
    </Button>
  );
  return (
    <Page title={t('title')} actions={data?.length ? add : undefined}>
      <div className={classes.page}>
        {error && <Failed error={error} />}
        {data?.length === 0 && (
          <Empty icon={IconWebhook} title={t('none')} hint={t('noneHint')}>
            {add}
          </Empty>
        )}
        {data && data.length > 0 && <List rows={data} />}
      </div>
      <Suspense>{isNew && <NewWebhook onClose={() => setNew(false)} />}</Suspense>
    </Page>
  );
}
