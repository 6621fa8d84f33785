// SPDX-License-Identifier: Apache-2.0
// How a webhook is doing, what was delivered, and telling again.
import { Alert, Badge, Button, Group, Stack, Table, Text, Title } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { act, change } from '@/api/act';
import { request } from '@/api/client';
import type { components } from '@/api/schema';
import type { PanelProps } from '@/app/area';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatAgo, formatInstantLong, formatNumber, useForms } from '@/ui/format';
import { useTexts } from './pageTexts';
import { Replay } from './Replay';
import { Secret } from './Secret';
import classes from './Webhooks.module.css';
import { stateOf } from './wants';

type Said = components['schemas']['Deliveries'];
type Delivery = components['schemas']['Delivery'];

const colors: Record<Delivery['outcome'], string> = {
  delivered: 'teal',
  failed: 'red',
  ended: 'red',
  skipped: 'gray',
  test_failed: 'red',
};

/** Attempts are in no event, so they are asked for. */
const useDeliveries = (id: string) =>
  useInfiniteQuery({
    queryKey: ['deliveries', id],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      request<Said>('GET', `webhooks/${id}/deliveries`, {
        query: { page_size: 50, page_token: pageParam },
        signal,
      }),
    getNextPageParam: (last: Said) => last.next_page_token || undefined,
    refetchInterval: 5000,
  });

function Standing({ said }: { said: Said }) {
  const t = useTexts();
  useForms();
  const figures = [
    ['behind', said.behind],
    ['underWay', said.under_way],
    ['failures', said.failures],
  ] as const;
  return (
    <div className={classes.figures}>
      <Badge color={said.active ? 'teal' : 'gray'}>{t(said.active ? 'active' : 'inactive')}</Badge>
      <Text size="sm">{t('delivers', { node: said.node })}</Text>
      {figures.map(([name, count]) => (
        <Text key={name} size="sm">
          {t(name)}: <b>{formatNumber(count)}</b>
        </Text>
      ))}
    </div>
  );
}

function Attempts({ all }: { all: Delivery[] }) {
  const t = useTexts();
  useForms();
  return (
    <section className={classes.scroll} aria-label={t('log')} tabIndex={0}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('at')}</Table.Th>
            <Table.Th>{t('event')}</Table.Th>
            <Table.Th>{t('attempt')}</Table.Th>
            <Table.Th>{t('outcome')}</Table.Th>
            <Table.Th>{t('answer')}</Table.Th>
            <Table.Th ta="right">{t('took')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {all.map((one) => (
            <Table.Tr key={one.number}>
              <Table.Td>{formatInstantLong(one.at)}</Table.Td>
              <Table.Td title={one.id}>{one.type}</Table.Td>
              <Table.Td>
                {formatNumber(one.try)} {one.replayed && t('again')}
              </Table.Td>
              <Table.Td>
                <Badge color={colors[one.outcome]}>{t(one.outcome)}</Badge>
              </Table.Td>
              <Table.Td>{[one.status || '', one.error ?? ''].filter(Boolean).join(' ')}</Table.Td>
              <Table.Td ta="right">{formatNumber(one.ms)} ms</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Stopped({ row }: Pick<PanelProps, 'row'>) {
  const t = useTexts();
  const client = useQueryClient();
  if (stateOf(row) !== 'stopped') return null;
  const when = typeof row.stopped_at === 'string' ? formatAgo(row.stopped_at) : '';
  return (
    <Alert color="red">
      <Group justify="space-between">
        <Text size="sm">{t('stoppedWhy', { when, why: String(row.stopped) })}</Text>
        <Button
          size="compact-sm"
          onClick={() =>
            void change(client, 'webhooks', row, { enabled: true }, t('goOn')).catch(() => undefined)
          }
        >
          {t('goOn')}
        </Button>
      </Group>
    </Alert>
  );
}

export default function DeliveriesPanel({ row }: PanelProps) {
  const t = useTexts();
  const client = useQueryClient();
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useDeliveries(row.id);
  const said = data?.pages[0];
  const all = data?.pages.flatMap((page) => page.deliveries) ?? [];
  const test = () =>
    void act(client, {
      method: 'POST',
      path: `webhooks/${row.id}:test`,
      label: t('test'),
      done: t('testAsked'),
      undo: false,
    })
      .then(() => client.invalidateQueries({ queryKey: ['deliveries', row.id] }))
      .catch(() => undefined);
  return (
    <Stack gap="md" py="md">
      <Stopped row={row} />
      {error && <Failed error={error} />}
      {said && <Standing said={said} />}
      {said?.failing_since && (
        <Alert color="yellow">
          {t('failingSince', {
            when: formatAgo(said.failing_since),
            retry: said.retry_at ? formatInstantLong(said.retry_at) : '',
          })}
        </Alert>
      )}
      <Group justify="space-between">
        <Title order={3} size="h4">
          {t('log')}
        </Title>
        <Button variant="default" leftSection={<IconSend size={15} />} onClick={test}>
          {t('test')}
        </Button>
      </Group>
      {said && all.length === 0 && <Empty icon={IconSend} title={t('noLog')} hint={t('noLogHint')} />}
      {all.length > 0 && <Attempts all={all} />}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('more')}
        </Button>
      )}
      <Replay id={row.id} said={said} />
      <Secret id={row.id} />
    </Stack>
  );
}
