// SPDX-License-Identifier: Apache-2.0
// Whom a segment is for: conditions, and while they are put together live size and sample. Who is entered as a
// member follows as marketing walks over all customers, once it is saved.
import { Button, Center, Group, Loader, Progress, Skeleton, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFilter, IconUsers } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { change } from '@/api/act';
import { aggregateQuery } from '@/api/aggregate';
import { useKinds } from '@/api/kinds';
import { ApiError } from '@/api/problem';
import { allQuery } from '@/api/records';
import { useMayWith } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { later } from '@/app/offline/later';
import { RecordLine } from '@/kind/record/Related';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatNumber, forms, useForms } from '@/ui/format';
import { usePageTexts } from './pageTexts';
import classes from './Segment.module.css';
import { shareOf } from './size';

const FilterBuilder = later(() => import('@/kind/filter/FilterBuilder'));

const SAMPLE = 12;

const percent = (share: number) =>
  new Intl.NumberFormat(forms().locale, { style: 'percent', maximumFractionDigits: 1 }).format(share);

function Size({ id, filter }: { id: string; filter: string }) {
  const t = usePageTexts();
  const { data: fits } = useQuery({
    ...aggregateQuery('customers', { filter }),
    placeholderData: keepPreviousData,
  });
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
  const { data, error, isPending, refetch } = useQuery({
    ...allQuery('customers', { filter, page_size: SAMPLE }, SAMPLE),
    placeholderData: keepPreviousData,
  });
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

interface BuilderProps extends PanelProps {
  draft: string;
  onChange: (draft: string | undefined) => void;
  /** What the node says of it. */
  problem: string | undefined;
}

function Builder({ row, draft, onChange, problem }: BuilderProps) {
  const t = usePageTexts();
  const client = useQueryClient();
  const customers = useKinds().byPlural('customers');
  const [isBusy, setBusy] = useState(false);
  const isChanged = draft.trim() !== filterOf(row);
  const save = async () => {
    setBusy(true);
    try {
      await change(client, 'segments', row, { filter: draft.trim() }, t('conditions'));
      onChange(undefined);
    } catch {
      // Said by the toast; what was put together stays.
    } finally {
      setBusy(false);
    }
  };
  if (!customers) return null;
  return (
    <section aria-label={t('conditions')}>
      <Suspense fallback={<Skeleton h={72} />}>
        <FilterBuilder kind={customers} text={draft} onChange={onChange} problem={problem} />
      </Suspense>
      {isChanged && (
        <Group justify="flex-end" gap="xs" mt="sm">
          <Button variant="default" onClick={() => onChange(undefined)}>
            {t('discard')}
          </Button>
          <Button
            loading={isBusy}
            disabled={problem !== undefined || !draft.trim()}
            onClick={() => void save()}
          >
            {t('save')}
          </Button>
        </Group>
      )}
    </section>
  );
}

const filterOf = (row: PanelProps['row']) => (typeof row.filter === 'string' ? row.filter.trim() : '');

export default function Fitting({ kind, row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const canEdit = useMayWith()('change', kind, row);
  const [edited, setEdited] = useState<string>();
  const draft = edited ?? filterOf(row);
  const [asked] = useDebouncedValue(draft.trim(), 250);
  const { error } = useQuery(aggregateQuery('customers', { filter: asked }));
  const problem = error instanceof ApiError && error.status === 400 ? error.message : undefined;
  return (
    <Stack gap="md" py="md">
      {canEdit && <Builder kind={kind} row={row} draft={draft} onChange={setEdited} problem={problem} />}
      {!asked && <Empty icon={IconFilter} title={t('noFilter')} hint={t('noFilterHint')} />}
      {asked && !problem && (
        <>
          <Size id={row.id} filter={asked} />
          <Sample filter={asked} />
        </>
      )}
    </Stack>
  );
}
