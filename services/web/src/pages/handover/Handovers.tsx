// SPDX-License-Identifier: Apache-2.0
// What was offered and waits, on both sides of a department, and what became of the rest.
import { Badge, Button, Group, SegmentedControl, Text, Title } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { type Kind, useKinds } from '@/api/kinds';
import { allQuery, listQuery } from '@/api/records';
import { useTexts as useShellTexts } from '@/app/texts';
import { useWorkspace } from '@/app/workspace';
import { RecordList } from '@/kind/list/ListPage';
import { NotHere } from '@/kind/list/NotHere';
import { Failed } from '@/ui/Failed';
import { useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import classes from './Handover.module.css';
import { type Handover, isLate, waiting } from './handover';
import { Line } from './Line';
import { usePageTexts } from './pageTexts';

interface SideProps {
  kind: Kind;
  title: string;
  nothing: string;
  all: Handover[];
}

function Side({ kind, title, nothing, all }: SideProps) {
  const t = usePageTexts();
  const late = all.filter((one) => isLate(one, Date.now())).length;
  return (
    <section className={classes.card} aria-label={title}>
      <Group gap={8} mb={4}>
        <Title order={2}>{title}</Title>
        <Badge color="gray">{all.length}</Badge>
        {late > 0 && (
          <Badge color="red">
            {t('late')}: {late}
          </Badge>
        )}
      </Group>
      {all.length ? (
        <ul className={classes.lines}>
          {all.map((one) => (
            <Line key={one.id} kind={kind} handover={one} />
          ))}
        </ul>
      ) : (
        <Text c="dimmed">{nothing}</Text>
      )}
    </section>
  );
}

const states = ['accepted', 'refused', 'withdrawn'] as const;
type State = (typeof states)[number];

function Answered({ kind, us }: { kind: Kind; us: string }) {
  const t = usePageTexts();
  const [state, setState] = useState<State>('accepted');
  const filter = `state = "${state}" AND (from = "${us}" OR to = "${us}")`;
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    listQuery('handovers', { filter, order_by: 'created_at desc', page_size: 20 }),
  );
  const all = (data?.pages.flatMap((page) => page.rows) ?? []) as Handover[];
  return (
    <section className={classes.card} aria-label={t('answered')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('answered')}</Title>
        <SegmentedControl
          aria-label={t('answered')}
          value={state}
          onChange={(value) => setState(value as State)}
          data={states.map((value) => ({ value, label: t(value) }))}
        />
      </Group>
      {data && all.length === 0 && <Text c="dimmed">{t('nothingAnswered')}</Text>}
      <ul className={classes.lines}>
        {all.map((one) => (
          <Line key={one.id} kind={kind} handover={one} />
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('more')}
        </Button>
      )}
    </section>
  );
}

function BothSides({ kind }: { kind: Kind }) {
  const t = usePageTexts();
  const shell = useShellTexts();
  useForms();
  const { workspace } = useWorkspace();
  const { data, error, refetch } = useQuery(allQuery('handovers', { filter: 'state = "offered"' }, 500));
  const { forUs, forThem } = waiting((data ?? []) as Handover[], workspace);
  const department = shell(workspace);
  return (
    <Page
      title={t('title')}
      actions={
        <Button component={Link} to="/handovers" search={{ layout: 'table' } as never} variant="default">
          {t('asList')}
        </Button>
      }
    >
      {error && !data ? (
        <Failed error={error} reset={() => void refetch()} />
      ) : (
        <div className={classes.page}>
          <div className={classes.both}>
            <Side kind={kind} title={t('forUs', { department })} nothing={t('nothingForUs')} all={forUs} />
            <Side
              kind={kind}
              title={t('forThem', { department })}
              nothing={t('nothingForThem')}
              all={forThem}
            />
          </div>
          <Answered kind={kind} us={workspace} />
        </div>
      )}
    </Page>
  );
}

/** Whoever asks for a list (a view, a filter, a layout) gets the one that every kind has. */
export default function Handovers() {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const kind = useKinds().byPlural('handovers');
  if (!kind) return <NotHere />;
  const isList = ['layout', 'filter', 'view', 'group', 'order', 'columns', 'peek'].some(
    (name) => search[name],
  );
  return isList ? <RecordList plural="handovers" /> : <BothSides kind={kind} />;
}
