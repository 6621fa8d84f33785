// SPDX-License-Identifier: Apache-2.0
// At a customer or a deal of theirs: what was handed over, what waits, and the way to hand over.
import { Button, Group, Text } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { useMay } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { offersOf } from '@/kind/bulk/offers';
import { ask } from '@/kind/bulk/store';
import { useForms } from '@/ui/format';
import classes from './Handover.module.css';
import type { Handover } from './handover';
import { Line } from './Line';
import { usePageTexts } from './pageTexts';

const MOST = 5;

/** Of a deal: those that led to it or are about it, and what is open for its customer. */
const isOf = (one: Handover, plural: string, row: PanelProps['row']) =>
  plural === 'customers' || one.deal === row.id || one.id === row.handover || one.state === 'offered';

export default function OfRecord({ kind, row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const book = useKinds();
  const may = useMay();
  const handovers = book.byPlural('handovers');
  const customer = kind.plural === 'customers' ? row.id : (row.customer as string | undefined);
  const { data } = useQuery({
    ...allQuery('handovers', customer ? { customer } : {}, 100),
    enabled: !!customer && may('read', 'handover'),
  });
  if (!handovers || !may('read', 'handover')) return null;
  const give = offersOf(kind, book, may, 1).find((offer) => offer.id === 'handover.offer');
  const shown = ((data ?? []) as Handover[])
    .filter((one) => isOf(one, kind.plural, row))
    .sort((a, b) => (b.created_at ?? '').localeCompare(a.created_at ?? ''))
    .slice(0, MOST);
  return (
    <section className={classes.card} aria-label={t('title')}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text fw={600} size="sm">
          {t('title')}
        </Text>
        {give && customer && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconArrowsExchange size={13} />}
            onClick={() => ask({ kind, rows: [row] }, give)}
          >
            {t('offer')}
          </Button>
        )}
      </Group>
      {shown.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('none')}
        </Text>
      )}
      <ul className={classes.lines}>
        {shown.map((one) => (
          <Line key={one.id} kind={handovers} handover={one} ofCustomer />
        ))}
      </ul>
    </section>
  );
}
