// SPDX-License-Identifier: Apache-2.0
// What each step of a run did, and why it failed.
import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useKinds } from '@/api/kinds';
import type { components } from '@/api/schema';
import { useMay } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { formatInstantLong, useForms } from '@/ui/format';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { asRun, isOver, outcomeColors, type Run, stateColors } from './said';
import { useRunActs } from './useRunActs';

function Step({ step }: { step: components['schemas']['RunStep'] }) {
  const t = useTexts();
  const book = useKinds();
  useForms();
  const plural = book.byName(step.kind ?? '')?.plural;
  const outcome = step.outcome ?? 'done';
  return (
    <li className={classes.step} data-failed={outcome === 'failed' || undefined}>
      <Group justify="space-between" gap="xs">
        <Text fw={600} size="sm">
          {step.number}. {step.name}
        </Text>
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            {step.at ? formatInstantLong(step.at) : ''}
          </Text>
          <Badge color={outcomeColors[outcome]}>{t(outcome)}</Badge>
        </Group>
      </Group>
      {step.input && (
        <Text size="sm" c="dimmed" className={classes.detail}>
          {step.input}
        </Text>
      )}
      {step.detail && (
        <Text size="sm" className={classes.detail}>
          {step.detail}
        </Text>
      )}
      {plural && step.record && <Link to={`/${plural}/${step.record}`}>{t('open')}</Link>}
    </li>
  );
}

function Head({ run }: { run: Run }) {
  const t = useTexts();
  useForms();
  const may = useMay();
  const { retry, cancel } = useRunActs();
  const state = run.state ?? 'running';
  return (
    <Group justify="space-between">
      <Group gap="sm">
        <Badge color={stateColors[state]}>{t(state)}</Badge>
        {run.reason && <Text size="sm">{run.reason}</Text>}
        {!isOver(state) && run.at && <Text size="sm">{t('nextStep', { step: run.at })}</Text>}
        {!isOver(state) && run.wake_at && (
          <Text size="sm">{t('goesOn', { when: formatInstantLong(run.wake_at) })}</Text>
        )}
        {!!run.attempt && <Text size="sm">{t('retries', { count: run.attempt })}</Text>}
      </Group>
      {may('change', 'run') && state === 'failed' && (
        <Button onClick={() => void retry(run)}>{t('retry')}</Button>
      )}
      {may('change', 'run') && !isOver(state) && (
        <Button variant="default" onClick={() => void cancel(run)}>
          {t('cancelRun')}
        </Button>
      )}
    </Group>
  );
}

export default function RunPanel({ row }: PanelProps) {
  const t = useTexts();
  const run = asRun(row);
  const steps = [...(run.steps ?? [])].sort((a, b) => a.number - b.number);
  return (
    <Stack gap="md" py="md">
      <Head run={run} />
      {steps.length === 0 && <Text c="dimmed">{t('noSteps')}</Text>}
      <ol className={classes.steps}>
        {steps.map((step) => (
          <Step key={step.number} step={step} />
        ))}
      </ol>
    </Stack>
  );
}
