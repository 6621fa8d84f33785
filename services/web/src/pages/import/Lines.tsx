// SPDX-License-Identifier: Apache-2.0
// Lines of the file with what is said of each; and how many became what.
import { Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { formatNumber, useForms } from '@/ui/format';
import classes from './Import.module.css';
import { useTexts } from './pageTexts';
import type { Result } from './query';

interface LinesProps {
  label: string;
  plural: string;
  lines: Result[];
}

export function Lines({ label, plural, lines }: LinesProps) {
  const t = useTexts();
  useForms();
  const hasColumn = lines.some((one) => one.column);
  const hasRecord = lines.some((one) => one.id);
  const hasReason = lines.some((one) => one.reason);
  return (
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={90}>{t('line')}</Table.Th>
            {hasColumn && <Table.Th>{t('column')}</Table.Th>}
            {hasReason && <Table.Th>{t('reason')}</Table.Th>}
            {hasRecord && <Table.Th>{t('record')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((one) => (
            <Table.Tr key={`${one.line} ${one.column} ${one.id} ${one.reason}`}>
              <Table.Td>{formatNumber(one.line ?? 0)}</Table.Td>
              {hasColumn && <Table.Td>{one.column}</Table.Td>}
              {hasReason && <Table.Td>{one.reason}</Table.Td>}
              {hasRecord && (
                <Table.Td>{one.id && <Link to={`/${plural}/${one.id}`}>{t('open')}</Link>}</Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

type Counted = 'created' | 'updated' | 'duplicates' | 'failed';
export function Counts({ of }: { of: Partial<Record<Counted, number>> }) {
  const t = useTexts();
  useForms();
  return (
    <div className={classes.counts}>
      {(['created', 'updated', 'duplicates', 'failed'] as const).map((name) => (
        <div key={name} className={classes.count}>
          <Text size="xs" c="dimmed">
            {t(name)}
          </Text>
          <div className={classes.figure}>{formatNumber(of[name] ?? 0)}</div>
        </div>
      ))}
    </div>
  );
}
