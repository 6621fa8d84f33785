// SPDX-License-Identifier: Apache-2.0
// Live size and sample of a segment. What the filter says counts at once; who is entered as a member
// follows as marketing walks over all customers.
import { Button, Center, Group, Loader, Progress, Stack, Text } from '@mantine/core';
import { IconFilter, IconUsers } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { aggregateQuery } from '@/api/aggregate';
import { useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import type { PanelProps } from '@/app/area';
import { RecordLine } from '@/kind/record/Related';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatNumber, forms, useForms } from '@/ui/format';
import { usePageTexts } from './pageTexts';
import classes from './Segment.module.css';
import { shareOf } from './size';

const SAMPLE = 12;

const percent = (share: number) =>
  new Intl.NumberFormat(forms().locale, { style: 'percent', maximumFractionDigits: 1 }).format(share);

function Size({ id, filter }: { id: string; filter: string }) {
  const t = usePageTexts();
  const { data: fits } = useQuery(aggregateQuery('customers', { filter }));
  const { data: all } = useQuery(aggregateQuery('customers', {}));
  const { data: members } = useQuery(
    aggregateQuery('memberships', { filter: `segment = "${id}" AND member = true` }),
  );
  if (!fits) return null;
  const count = formatNumber(fits.count);
  const share = all && shareOf(fits.count, all.count);
  return (
    <section className={classes.size}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Text className={classes.figure} aria-live="polite">
            {t('fits', { count: fits.count, shown: fits.complete ? count : t('atLeast', { count }) })}
          </Text>
          <Text size="sm" c="dimmed">
            {[
              all &&
                share !== undefined &&
                t('ofAll', { share: percent(share), all: formatNumber(all.count) }),
              members && t('members', { count: members.count }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </Text>
        </div>
        <Button component={Link} to="/customers" search={{ filter } as never} variant="default">
          {t('open')}
        </Button>
      </Group>
      <Progress value={100 * (share ?? 0)} size={6} mt={10} aria-hidden />
    </section>
  );
}

function Sample({ filter }: { filter: string }) {
  const t = usePageTexts();
  const kind = useKinds().byPlural('customers');
  const { data, error, isPending, refetch } = useQuery(
    allQuery('customers', { filter, page_size: SAMPLE }, SAMPLE),
  );
  if (error && !data) return <Failed error={error} reset={() => void refetch()} />;
  if (isPending || !kind)
    return (
      <Center p="xl">
        <Loader size="sm" />
      </Center>
    );
  if (!data?.length) return <Empty icon={IconUsers} title={t('nobody')} hint={t('nobodyHint')} />;
  return (
    <section aria-label={t('sample')}>
      <Text fw={600} size="sm" mb={4}>
        {t('sample')}
      </Text>
      {data.slice(0, SAMPLE).map((row) => (
        <RecordLine key={row.id} kind={kind} row={row} />
      ))}
    </section>
  );
}

export default function Fitting({ row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const filter = typeof row.filter === 'string' ? row.filter.trim() : '';
  if (!filter) return <Empty icon={IconFilter} title={t('noFilter')} hint={t('noFilterHint')} />;
  return (
    <Stack gap="md">
      <Size id={row.id} filter={filter} />
      <Sample filter={filter} />
    </Stack>
  );
}
