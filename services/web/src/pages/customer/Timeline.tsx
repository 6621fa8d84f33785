// SPDX-License-Identifier: Apache-2.0
// What happened with a customer, of all departments, newest first.
import { Button, Center, Group, Loader, Select, Stack, TextInput } from '@mantine/core';
import { IconHistory, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import type { PanelProps } from '@/app/area';
import { departments } from '@/app/area';
import { useTexts as useShellTexts } from '@/app/texts';
import { usePast } from '@/kind/past/moment';
import { Composer } from '@/kind/timeline/Composer';
import { Entries } from '@/kind/timeline/Entries';
import { passes, type Sieve, timelineQuery, upTo } from '@/kind/timeline/entries';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import classes from './Customer.module.css';
import { useTexts } from './pageTexts';

function SieveBar({ sieve, setSieve }: { sieve: Sieve; setSieve: (sieve: Sieve) => void }) {
  const t = useTexts();
  const shell = useShellTexts();
  return (
    <Group gap="xs" wrap="nowrap" className={classes.sieve}>
      <TextInput
        flex={1}
        aria-label={t('find')}
        placeholder={t('find')}
        leftSection={<IconSearch size={14} />}
        value={sieve.text}
        onChange={(event) => setSieve({ ...sieve, text: event.currentTarget.value })}
      />
      <Select
        w={170}
        aria-label={t('allDepartments')}
        allowDeselect={false}
        value={sieve.department}
        data={[
          { value: '', label: t('allDepartments') },
          ...departments.map((one) => ({ value: one, label: shell(one) })),
        ]}
        onChange={(department) => setSieve({ ...sieve, department: department ?? '' })}
      />
    </Group>
  );
}

export default function Timeline({ kind, row }: PanelProps) {
  const t = useTexts();
  const past = usePast();
  const [sieve, setSieve] = useState<Sieve>({ department: '', text: '' });
  const sought = useDeferredValue(sieve);
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } =
    useInfiniteQuery(timelineQuery(row.id));
  const all = upTo(data?.pages.flatMap((page) => page.timeline) ?? [], past?.at);
  const shown = all.filter((entry) => passes(entry, sought));
  return (
    <Stack gap="sm">
      {!past && <Composer kind={kind} row={row} about={{ customer: row.id }} />}
      <SieveBar sieve={sieve} setSieve={setSieve} />
      {error && !data && <Failed error={error} reset={() => void refetch()} />}
      {isPending && (
        <Center p="xl">
          <Loader size="sm" />
        </Center>
      )}
      {data &&
        shown.length === 0 &&
        (all.length ? (
          <Empty icon={IconSearch} title={t('nothingFits')} hint={t('nothingFitsHint')} />
        ) : (
          <Empty icon={IconHistory} title={t('nothing')} hint={t('nothingHint')} />
        ))}
      <Entries entries={shown} />
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('older')}
        </Button>
      )}
    </Stack>
  );
}
