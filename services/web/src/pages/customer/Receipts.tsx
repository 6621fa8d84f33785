// SPDX-License-Identifier: Apache-2.0
// At an erasure: which node has erased, with its receipt, and which has not yet.
import { Badge, Group, Loader, Table, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import type { Row } from '@/api/records';
import type { PanelProps } from '@/app/area';
import { formatInstant, formatNumber, useForms } from '@/ui/format';
import classes from './Customer.module.css';
import { useTexts } from './pageTexts';

interface Receipt {
  node: string;
  done_at?: string;
  events?: number;
  rows?: number;
}
interface Erasure extends Row {
  receipts?: Receipt[];
  missing?: string[];
  complete?: boolean;
}

export default function Receipts({ row }: PanelProps) {
  const t = useTexts();
  useForms();
  const { receipts = [], missing = [], complete } = row as Erasure;
  return (
    <section className={classes.receipts} aria-label={t('receipts')}>
      <Group gap="xs" mb={8}>
        <IconShieldCheck size={18} />
        <Text fw={600}>{t('receipts')}</Text>
        <Badge color={complete ? 'teal' : 'yellow'}>
          {complete ? t('erasedEverywhere') : t('missing', { count: missing.length })}
        </Badge>
      </Group>
      <Table
        verticalSpacing={6}
        horizontalSpacing={0}
        borderColor="var(--lia-line)"
        aria-label={t('receipts')}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('node')}</Table.Th>
            <Table.Th>{t('erasedAt')}</Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t('events')}
            </Table.Th>
            <Table.Th ta="right" visibleFrom="sm">
              {t('rows')}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {receipts.map((one) => (
            <Table.Tr key={one.node}>
              <Table.Td>{one.node}</Table.Td>
              <Table.Td>{one.done_at && formatInstant(one.done_at)}</Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {formatNumber(one.events ?? 0)}
              </Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {formatNumber(one.rows ?? 0)}
              </Table.Td>
            </Table.Tr>
          ))}
          {missing.map((node) => (
            <Table.Tr key={node}>
              <Table.Td>{node}</Table.Td>
              <Table.Td colSpan={3}>
                <Group gap={6}>
                  <Loader size={12} />
                  <Text size="sm" c="dimmed">
                    {t('waitsFor')}
                  </Text>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
