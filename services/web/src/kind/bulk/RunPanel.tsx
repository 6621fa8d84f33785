// SPDX-License-Identifier: Apache-2.0
// How far a run has come, what it could not do and why, and the one way back.
import { Anchor, Button, CloseButton, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { inWords } from '@/api/problem';
import { formatNumber, useForms } from '@/ui/format';
import classes from './Bulk.module.css';
import { forget, type Run, stop, undo, useRuns } from './runs';
import { useTexts } from './texts';

const SHOWN = 5;

function Failures({ run }: { run: Run }) {
  const t = useTexts();
  const [hasAll, setAll] = useState(false);
  if (!run.failed.length) return null;
  const shown = hasAll ? run.failed : run.failed.slice(0, SHOWN);
  return (
    <div role="alert">
      <Text size="sm" fw={600} c="var(--mantine-color-error)">
        {t('failed', { count: run.failed.length })}
      </Text>
      <ul className={classes.failures}>
        {shown.map(({ row, name, error }) => (
          <li key={row.id}>
            <Anchor component={Link} to={`/${run.kind.plural}/${row.id}`} size="sm">
              {name}
            </Anchor>
            <Text size="xs" c="dimmed">
              {inWords(error)}
            </Text>
          </li>
        ))}
      </ul>
      {run.failed.length > shown.length && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAll(true)}>
          {t('more', { count: run.failed.length - shown.length })}
        </Button>
      )}
    </div>
  );
}

function OneRun({ run }: { run: Run }) {
  const t = useTexts();
  const client = useQueryClient();
  useForms();
  const through = run.done + run.same + run.failed.length;
  const isOver = run.state === 'ended' || run.state === 'stopped';
  const results = [
    t('changed', { count: run.done }),
    ...(run.same ? [t('same', { count: run.same })] : []),
    ...(run.state === 'stopped' ? [t('stopped')] : []),
  ];
  return (
    <Paper withBorder shadow="md" className={classes.run} role="status" aria-label={run.label}>
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm" fw={600} truncate>
            {run.label}
          </Text>
          {isOver && <CloseButton size="sm" aria-label={t('close')} onClick={() => forget(run.id)} />}
        </Group>
        {!isOver && (
          <Progress
            size={6}
            aria-label={run.label}
            value={run.total ? (through / run.total) * 100 : 0}
            animated={run.state === 'collecting'}
          />
        )}
        <Text size="sm" c="dimmed">
          {run.state === 'collecting'
            ? `${t('collecting')} (${formatNumber(run.total)})`
            : isOver
              ? results.join(' · ')
              : t('progress', { done: formatNumber(through), total: formatNumber(run.total) })}
        </Text>
        <Failures run={run} />
        <Group gap="xs">
          {!isOver && (
            <Button variant="default" onClick={() => stop(run.id)}>
              {t('stop')}
            </Button>
          )}
          {isOver && run.backs.length > 0 && (
            <Button variant="default" onClick={() => void undo(client, run)}>
              {t('undoAll', { count: run.backs.length })}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

export function Runs() {
  const runs = useRuns();
  if (!runs.length) return null;
  return (
    <div className={classes.runs}>
      {runs.map((run) => (
        <OneRun key={run.id} run={run} />
      ))}
    </div>
  );
}
