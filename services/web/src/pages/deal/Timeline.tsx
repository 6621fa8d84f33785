// SPDX-License-Identifier: Apache-2.0
// What was said about a deal and what became of it, out of its customer's timeline.
import { Center, Loader, Stack } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { PanelProps } from '@/app/area';
import { usePast } from '@/kind/past/moment';
import { aboutQuery } from '@/kind/timeline/about';
import { Composer } from '@/kind/timeline/Composer';
import { Entries } from '@/kind/timeline/Entries';
import { upTo } from '@/kind/timeline/entries';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import type { Deal } from './deal';
import { usePageTexts } from './pageTexts';

export default function Timeline({ kind, row }: PanelProps) {
  const t = usePageTexts();
  const past = usePast();
  const { id, customer, created_at: since } = row as Deal;
  const { data, error, isPending, refetch } = useQuery(aboutQuery({ kind: kind.name, id, customer, since }));
  const entries = upTo(data ?? [], past?.at);
  return (
    <Stack gap="sm">
      {customer && !past && <Composer kind={kind} row={row} about={{ customer, deal: id }} />}
      {error && !data ? (
        <Failed error={error} reset={() => void refetch()} />
      ) : isPending && customer ? (
        <Center p="xl">
          <Loader size="sm" />
        </Center>
      ) : entries.length ? (
        <Entries entries={entries} />
      ) : (
        <Empty icon={IconHistory} title={t('nothing')} hint={t('nothingHint')} />
      )}
    </Stack>
  );
}
