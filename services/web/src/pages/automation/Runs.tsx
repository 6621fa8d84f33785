// SPDX-License-Identifier: Apache-2.0
// Runs, newest first; and those that failed, to be tried again.
import { Badge, Button, Group, Select, Table, Text } from '@mantine/core';
import { IconMailX, IconPlayerPlay } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { listQuery } from '@/api/records';
import { useMay } from '@/api/session';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatAgo, useForms } from '@/ui/format';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { asRun, type Run, type RunState, stateColors } from './said';
import { useRunActs } from './useRunActs';

const states: RunState[] = ['running', 'waiting', 'done', 'failed', 'exited', 'cancelled'];

function Line({ run }: { run: Run }) {
  const t = useTexts();
  useForms();
  const may = useMay();
  const { retry } = useRunActs();
  const state = run.state ?? 'running';
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Link to={`/runs/${run.id}`}>{run.name ?? run.id}</Link>
      </Table.Th>
      <Table.Td>
        <Badge color={stateColors[state]}>{t(state)}</Badge>
      </Table.Td>
      <Table.Td>{run.began_at ? formatAgo(run.began_at) : ''}</Table.Td>
      <Table.Td>{run.reason}</Table.Td>
      <Table.Td>
        {may('change', 'run') && state === 'failed' && (
          <Button size="compact-sm" variant="default" onClick={() => void retry(run)}>
            {t('retry')}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function RunTable({ runs, label }: { runs: Run[]; label: string }) {
  const t = useTexts();
  return (
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <Table verticalSpacing={8}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('name')}</Table.Th>
            <Table.Th>{t('state')}</Table.Th>
            <Table.Th>{t('began')}</Table.Th>
            <Table.Th>{t('reason')}</Table.Th>
            <Table.Th>{t('retry')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Line key={run.id} run={run} />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function useRuns(filter?: string) {
  const list = useInfiniteQuery(
    listQuery('runs', {
      order_by: 'began_at desc',
      page_size: 50,
      ...(filter ? { filter } : {}),
    }),
  );
  return { ...list, runs: list.data?.pages.flatMap((page) => page.rows.map(asRun)) };
}

function More({ list }: { list: ReturnType<typeof useRuns> }) {
  const t = useTexts();
  if (!list.hasNextPage) return null;
  return (
    <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {t('more')}
    </Button>
  );
}

export function Runs() {
  const t = useTexts();
  const [state, setState] = useState<RunState | null>(null);
  const list = useRuns(state ? `state = ${state}` : undefined);
  return (
    <>
      <Select
        aria-label={t('state')}
        placeholder={t('all')}
        data={states.map((value) => ({ value, label: t(value) }))}
        value={state}
        onChange={(next) => setState(next as RunState | null)}
        clearable
        clearButtonProps={{ 'aria-label': t('all') }}
        maw={220}
      />
      {list.error && <Failed error={list.error} />}
      {list.runs?.length === 0 && <Empty icon={IconPlayerPlay} title={t('noRuns')} hint={t('noRunsHint')} />}
      {!!list.runs?.length && <RunTable runs={list.runs} label={t('runs')} />}
      <More list={list} />
    </>
  );
}

/** Those of one rule or flow. */
export function RunsOf({ field, id }: { field: string; id: string }) {
  const t = useTexts();
  const list = useRuns(`${field} = "${id}"`);
  return (
    <>
      {list.error && <Failed error={list.error} />}
      {list.runs?.length === 0 && <Empty icon={IconPlayerPlay} title={t('noRuns')} hint={t('noRunsHint')} />}
      {!!list.runs?.length && <RunTable runs={list.runs} label={t('runs')} />}
      <More list={list} />
    </>
  );
}

export function Letters() {
  const t = useTexts();
  const list = useRuns('state = failed');
  const may = useMay();
  const { retry } = useRunActs();
  const [isBusy, setBusy] = useState(false);
  const retryAll = async () => {
    setBusy(true);
    for (const run of list.runs ?? []) await retry(run);
    setBusy(false);
  };
  return (
    <>
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={640}>
          {t('lettersHint')}
        </Text>
        {may('change', 'run') && !!list.runs?.length && (
          <Button variant="default" loading={isBusy} onClick={() => void retryAll()}>
            {t('retryAll')}
          </Button>
        )}
      </Group>
      {list.error && <Failed error={list.error} />}
      {list.runs?.length === 0 && <Empty icon={IconMailX} title={t('noLetters')} hint={t('noLettersHint')} />}
      {!!list.runs?.length && <RunTable runs={list.runs} label={t('letters')} />}
      <More list={list} />
    </>
  );
}
