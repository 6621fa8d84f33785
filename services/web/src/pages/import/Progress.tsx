// SPDX-License-Identifier: Apache-2.0
// While a file is sent; stopped and gone on with at will.
import { Alert, Progress as Bar, Button, Group, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { inWords } from '@/api/problem';
import { formatBytes } from './form';
import classes from './Import.module.css';
import { Counts } from './Lines';
import { useTexts } from './pageTexts';
import type { Import } from './query';
import { start, stop, useRun } from './runner';
import { Steps } from './Steps';

export function Progress({ one, file }: { one: Import; file: File }) {
  const t = useTexts();
  const client = useQueryClient();
  const id = one.id ?? '';
  const run = useRun(id);
  const isRunning = run?.state === 'running';
  const done = one.offset ?? 0;
  const title = isRunning ? 'running' : run?.state === 'failed' ? 'broken' : 'stopped';
  return (
    <>
      <Steps now="run" />
      <section className={classes.card}>
        <Group justify="space-between">
          <Title order={2} size="h3" aria-live="polite">
            {t(title)}
          </Title>
          <Text size="sm" c="dimmed">
            {t('progress', { done: formatBytes(done), all: formatBytes(file.size) })}
          </Text>
        </Group>
        <Bar.Root size="lg">
          <Bar.Section
            value={file.size ? (100 * done) / file.size : 100}
            animated={isRunning}
            aria-label={t(title)}
          />
        </Bar.Root>
        {run?.state === 'failed' && <Alert color="red">{inWords(run.error)}</Alert>}
        <Counts of={one} />
        <Text size="sm" c="dimmed">
          {t(isRunning ? 'keepsGoing' : 'goOnHint')}
        </Text>
        <Group justify="flex-end">
          {isRunning ? (
            <Button variant="default" onClick={() => stop(id)}>
              {t('stop')}
            </Button>
          ) : (
            <Button onClick={() => void start(client, id, file)}>{t('goOn')}</Button>
          )}
        </Group>
      </section>
    </>
  );
}
