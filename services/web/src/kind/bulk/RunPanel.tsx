// SPDX-License-Identifier: Apache-2.0
// How far a run has come, what it could not do and why, and the one way back.
import { ActionIcon, Anchor, Button, CloseButton, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { IconMinus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError, inWords } from '@/api/problem';
import { useForms } from '@/ui/format';
import classes from './Bulk.module.css';
import { failuresOf } from './keeper';
import { isOver, type Run } from './run';
import { forget, setOpen, stop, undo, useRuns } from './runs';
import { shareOf, useStanding } from './standing';
import { useTexts } from './texts';

function Failures({ run }: { run: Run }) {
  const t = useTexts();
  const [all, setAll] = useState<Run['failures']>();
  if (!run.failed) return null;
  const shown = all ?? run.failures;
  return (
    <div role="alert">
      <Text size="sm" fw={600} c="var(--mantine-color-error)">
        {t('failed', { count: run.failed })}
      </Text>
      <ul className={classes.failures}>
        {shown.map(({ id, name, problem }) => (
          <li key={id}>
            <Anchor component={Link} to={`/${run.kind}/${id}`} size="sm">
              {name}
            </Anchor>
            <Text size="xs" c="dimmed">
              {problem && inWords(new ApiError(problem.status, problem))}
            </Text>
          </li>
        ))}
      </ul>
      {isOver(run) && !all && run.failed > shown.length && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          onClick={() => void failuresOf(run).then(setAll)}
        >
          {t('more', { count: run.failed - shown.length })}
        </Button>
      )}
    </div>
  );
}

function OneRun({ run }: { run: Run }) {
  const t = useTexts();
  const client = useQueryClient();
  useForms();
  const standing = useStanding(run);
  const over = isOver(run);
  return (
    <Paper withBorder shadow="md" className={classes.run} role="status" aria-label={run.label}>
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm" fw={600} truncate>
            {run.label}
          </Text>
          {over ? (
            <CloseButton size="sm" aria-label={t('close')} onClick={() => void forget(run.id)} />
          ) : (
            <ActionIcon size="sm" aria-label={t('fold')} onClick={() => setOpen(run.id, false)}>
              <IconMinus size={14} />
            </ActionIcon>
          )}
        </Group>
        {!over && (
          <Progress
            size={6}
            aria-label={run.label}
            value={shareOf(run)}
            animated={run.state === 'collecting'}
          />
        )}
        <Text size="sm" c="dimmed">
          {standing}
        </Text>
        <Failures run={run} />
        <Group gap="xs">
          {!over && (
            <Button variant="default" onClick={() => void stop(run.id)}>
              {t('stop')}
            </Button>
          )}
          {over && run.backs > 0 && (
            <Button variant="default" onClick={() => void undo(client, run)}>
              {t('undoAll', { count: run.backs })}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
}

export function Runs() {
  const { runs, open } = useRuns();
  const shown = runs.filter((run) => open.has(run.id));
  if (!shown.length) return null;
  return (
    <div className={classes.runs}>
      {shown.map((run) => (
        <OneRun key={run.id} run={run} />
      ))}
    </div>
  );
}
