// SPDX-License-Identifier: Apache-2.0
// Who reads the streams, and how far each has come: nodes, webhooks, programs of the public stream.
import { Alert, Badge, Button, Group, Table, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, Suspense, useState } from 'react';
import { request } from '@/api/client';
import { statusQuery, useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import type { components } from '@/api/schema';
import { later } from '@/app/offline/later';
import { formatAgo, formatNumber, useForms } from '@/ui/format';
import classes from './Admin.module.css';
import { useTexts } from './nodesTexts';
import { ScrollTable } from './ScrollTable';

const CreateForm = later(() => import('@/kind/form/CreateForm'));

type Deliveries = components['schemas']['Deliveries'];

interface LineProps {
  name: ReactNode;
  type: string;
  position: string;
  toCome?: number | undefined;
  state: ReactNode;
}
function Line({ name, type, position, toCome, state }: LineProps) {
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>{type}</Table.Td>
      <Table.Td className={classes.figures}>{position}</Table.Td>
      <Table.Td className={classes.figures}>{toCome === undefined ? '' : formatNumber(toCome)}</Table.Td>
      <Table.Td>{state}</Table.Td>
    </Table.Tr>
  );
}

function Peers() {
  const t = useTexts();
  const { data } = useQuery({ ...statusQuery, refetchInterval: 2000 });
  const head = data?.lanes
    .filter((lane) => lane.node === data.number)
    .reduce((most, lane) => Math.max(most, lane.head), 0);
  return data?.peers.map((peer) => (
    <Line
      key={peer.node}
      name={peer.name ?? peer.node}
      type={t('node')}
      position={formatNumber(peer.acked)}
      toCome={head === undefined ? undefined : Math.max(0, head - peer.acked)}
      state={
        <Badge color={peer.connected ? 'teal' : 'gray'}>{t(peer.connected ? 'connected' : 'away')}</Badge>
      }
    />
  ));
}

function HookState({ row, told }: { row: Row; told: Deliveries | undefined }) {
  const t = useTexts();
  if (row.enabled !== true) return <Badge color="gray">{t('off')}</Badge>;
  if (told?.failing_since)
    return <Badge color="red">{t('failing', { when: formatAgo(told.failing_since) })}</Badge>;
  return <Badge color="teal">{t('healthy')}</Badge>;
}

function Hooks() {
  const t = useTexts();
  const { data } = useQuery(allQuery('webhooks'));
  const rows = data ?? [];
  const told = useQueries({
    queries: rows.map((row) => ({
      queryKey: ['deliveries', row.id, 'state'],
      queryFn: () => request<Deliveries>('GET', `webhooks/${row.id}/deliveries`, { query: { page_size: 1 } }),
      refetchInterval: 5000,
      retry: false,
    })),
  });
  return rows.map((row, at) => (
    <Line
      key={row.id}
      name={<Link to={`/webhooks/${row.id}`}>{String(row.name ?? row.id)}</Link>}
      type={t('webhook')}
      position={told[at]?.data?.cursor ?? ''}
      toCome={told[at]?.data?.behind}
      state={<HookState row={row} told={told[at]?.data} />}
    />
  ));
}

function Tools() {
  const t = useTexts();
  const { data } = useQuery(allQuery('tools'));
  return data?.map((row) => (
    <Line
      key={row.id}
      name={<Link to={`/tools/${row.id}`}>{String(row.name ?? row.id)}</Link>}
      type={t('tool')}
      position={t('unknown')}
      state={
        <Badge color={row.admitted === true ? 'teal' : 'gray'}>
          {t(row.admitted === true ? 'admitted' : 'notAdmitted')}
        </Badge>
      }
    />
  ));
}

export function Subscribers() {
  const t = useTexts();
  useForms();
  const kind = useKinds().byPlural('tools');
  const { data } = useQuery(statusQuery);
  const [isMaking, setMaking] = useState(false);
  const columns = ['who', 'type', 'position', 'toCome', 'state'] as const;
  return (
    <>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" maw={640}>
          {t('toolsHint')}
        </Text>
        {kind && (
          <Button variant="default" leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
            {t('newTool')}
          </Button>
        )}
      </Group>
      {data?.retention?.held_back.map((one) => (
        <Alert key={`${one.node} ${one.incarnation}`} color="yellow">
          {t('heldBack', { by: one.by ?? String(one.node), count: formatNumber(one.events) })}
        </Alert>
      ))}
      <ScrollTable label={t('subscribers')} columns={columns.map((column) => t(column))}>
        <Peers />
        <Hooks />
        <Tools />
      </ScrollTable>
      <Suspense>
        {isMaking && kind && (
          <CreateForm kind={kind} onClose={() => setMaking(false)} onMade={() => undefined} />
        )}
      </Suspense>
    </>
  );
}
