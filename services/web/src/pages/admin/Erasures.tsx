// SPDX-License-Identifier: Apache-2.0
// Requests to be forgotten, with the receipt of every node.
import { Badge, Button, Modal, Stack, Table, Text } from '@mantine/core';
import { IconDownload, IconShieldLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { membersQuery } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import type { components } from '@/api/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatAgo, formatInstantLong, formatNumber, useForms } from '@/ui/format';
import classes from './Admin.module.css';
import { useTexts } from './privacyTexts';
import { lacking, stateOf } from './receipts';

type Erasure = components['schemas']['Erasure'];
type Member = components['schemas']['Member'];

const asErasure = (row: Row) => row as unknown as Erasure;
const stateColors = { asked: 'gray', underWay: 'yellow', done: 'teal' } as const;

function State({ erasure, members }: { erasure: Erasure; members: Member[] }) {
  const t = useTexts();
  const receipts = erasure.receipts ?? [];
  const state = stateOf(receipts, members);
  const done = members.length - lacking(receipts, members).length;
  return <Badge color={stateColors[state]}>{t(state, { done, all: members.length })}</Badge>;
}

function save(erasure: Erasure) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(erasure, null, 2)], { type: 'application/json' }));
  Object.assign(document.createElement('a'), {
    href: url,
    download: `erasure-${erasure.customer}.json`,
  }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Receipts({
  erasure,
  members,
  onClose,
}: {
  erasure: Erasure;
  members: Member[];
  onClose: () => void;
}) {
  const t = useTexts();
  useForms();
  const receipts = erasure.receipts ?? [];
  const open = lacking(receipts, members);
  return (
    <Modal opened onClose={onClose} size={620} title={t('receiptsOf', { id: erasure.customer ?? '' })}>
      <Stack gap="md">
        {open.length > 0 && <Text size="sm">{t('waitsFor', { names: open.join(', ') })}</Text>}
        <section className={classes.scroll} tabIndex={0} aria-label={t('receipts')}>
          <Table verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('node')}</Table.Th>
                <Table.Th>{t('doneAt')}</Table.Th>
                <Table.Th>{t('events')}</Table.Th>
                <Table.Th>{t('rows')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {receipts.map((receipt) => (
                <Table.Tr key={receipt.node}>
                  <Table.Th scope="row">{receipt.node}</Table.Th>
                  <Table.Td>{receipt.done_at ? formatInstantLong(receipt.done_at) : t('notYet')}</Table.Td>
                  <Table.Td className={classes.figures}>{formatNumber(receipt.events ?? 0)}</Table.Td>
                  <Table.Td className={classes.figures}>{formatNumber(receipt.rows ?? 0)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
        <Button
          variant="default"
          w="fit-content"
          leftSection={<IconDownload size={14} />}
          onClick={() => save(erasure)}
        >
          {t('download')}
        </Button>
      </Stack>
    </Modal>
  );
}

export function Erasures() {
  const t = useTexts();
  useForms();
  const { data, error } = useQuery(allQuery('erasures'));
  const { data: list } = useQuery(membersQuery);
  const [open, setOpen] = useState<string>();
  const members = list?.members ?? [];
  if (error) return <Failed error={error} />;
  if (!data) return null;
  if (data.length === 0)
    return <Empty icon={IconShieldLock} title={t('noErasures')} hint={t('noErasuresHint')} />;
  const erasures = data
    .map(asErasure)
    .sort((a, b) => (b.requested_at ?? '').localeCompare(a.requested_at ?? ''));
  const shown = erasures.find((erasure) => erasure.id === open);
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('erasuresHint')}
      </Text>
      <section className={classes.scroll} tabIndex={0} aria-label={t('erasures')}>
        <Table verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              {(['customer', 'requested', 'reason', 'state', 'receipts'] as const).map((column) => (
                <Table.Th key={column}>{t(column)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {erasures.map((erasure) => (
              <Table.Tr key={erasure.id}>
                <Table.Th scope="row" className={classes.key} fw={400}>
                  {erasure.customer}
                </Table.Th>
                <Table.Td title={formatInstantLong(erasure.requested_at ?? erasure.created_at)}>
                  {formatAgo(erasure.requested_at ?? erasure.created_at)}
                </Table.Td>
                <Table.Td>{erasure.reason}</Table.Td>
                <Table.Td>
                  <State erasure={erasure} members={members} />
                </Table.Td>
                <Table.Td>
                  <Button
                    size="compact-sm"
                    variant="default"
                    aria-label={t('receiptsOf', { id: erasure.customer ?? '' })}
                    onClick={() => setOpen(erasure.id)}
                  >
                    {t('receipts')}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      {shown && <Receipts erasure={shown} members={members} onClose={() => setOpen(undefined)} />}
    </>
  );
}
