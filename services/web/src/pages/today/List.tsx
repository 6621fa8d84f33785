// SPDX-License-Identifier: Apache-2.0
// One short list of the day. A task is done from here.
import { ActionIcon, Skeleton, Text, Title } from '@mantine/core';
import { IconCircle } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Kind, useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import { useMayWith } from '@/api/session';
import { nameOf } from '@/kind/field/Reference';
import { runCommand } from '@/kind/record/command';
import { RecordLine } from '@/kind/record/Related';
import { say, sayFailure } from '@/ui/toast';
import type { Box } from './boxes';
import { usePageTexts } from './pageTexts';
import classes from './Today.module.css';

const MOST = 8;

function Finish({ kind, row }: { kind: Kind; row: Row }) {
  const t = usePageTexts();
  const client = useQueryClient();
  const name = nameOf(kind, row);
  const command = useKinds()
    .commandsOf(kind.plural)
    .find((one) => one.verb === 'complete');
  if (!command) return null;
  const finish = () =>
    runCommand(client, kind, row, command)
      .then(() => say(t('done', { name })))
      .catch(sayFailure);
  return (
    <ActionIcon variant="subtle" size="sm" aria-label={t('finish', { name })} onClick={() => void finish()}>
      <IconCircle size={16} />
    </ActionIcon>
  );
}

const none = {
  tasks: 'tasksNone',
  offers: 'offersNone',
  closing: 'closingNone',
  stalled: 'stalledNone',
  campaigns: 'campaignsNone',
  starting: 'startingNone',
} as const;

export function List({ box, kind }: { box: Box; kind: Kind }) {
  const t = usePageTexts();
  const may = useMayWith();
  const { plural, filter, order_by } = box;
  const { data } = useQuery(
    allQuery(plural, { filter, ...(order_by ? { order_by } : {}), page_size: MOST + 1 }, MOST + 1),
  );
  return (
    <section className={classes.card} aria-label={t(box.name)}>
      <div className={classes.head}>
        <Title order={2} size="h4">
          {t(box.name)}
        </Title>
        {!!data?.length && (
          <Link to={`/${plural}`} search={{ filter } as never} className={classes.all}>
            {t('all')}
          </Link>
        )}
      </div>
      {!data && <Skeleton height={20} my={6} />}
      {data?.length === 0 && (
        <Text c="dimmed" size="sm" py={4}>
          {t(none[box.name])}
        </Text>
      )}
      {data?.slice(0, MOST).map((row) => (
        <div key={row.id} className={classes.line}>
          {box.name === 'tasks' && may('change', kind, row) && <Finish kind={kind} row={row} />}
          <RecordLine kind={kind} row={row} without={['state', 'owner', 'to']} />
        </div>
      ))}
    </section>
  );
}
