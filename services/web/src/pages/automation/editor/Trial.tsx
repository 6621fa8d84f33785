// SPDX-License-Identifier: Apache-2.0
// Trying it before it is on: a rule over the last days, a flow on one record.
import { Alert, Button, Group, NumberInput, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act } from '@/api/act';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { inWords } from '@/api/problem';
import type { Row } from '@/api/records';
import { ReferenceInput } from '@/kind/field/ReferenceInput';
import { type Dry, Outcome } from '../Outcome';
import { useTexts as usePageTexts } from '../pageTexts';
import classes from './Editor.module.css';
import { useTexts } from './texts';

interface TrialProps {
  row: Row;
  isChanged: boolean;
  onTurn: (on: boolean) => void;
}

function DryTrial({ plural, row, isChanged, onTurn }: TrialProps & { plural: 'rules' | 'flows' }) {
  const t = useTexts();
  const page = usePageTexts();
  const book = useKinds();
  const [days, setDays] = useState(30);
  const look = useMutation({
    mutationFn: () => request<Dry>('POST', `${plural}/${row.id}:dryRun`, { body: { days } }),
  });
  return (
    <Stack gap="md" className={classes.dry} component="section" aria-label={t('dryTitle')}>
      <div>
        <Title order={2}>{t('dryTitle')}</Title>
        <Text size="sm" c="dimmed">
          {t(plural === 'rules' ? 'dryHint' : 'dryFlowHint')}
        </Text>
      </div>
      <Group align="flex-end">
        <NumberInput
          label={page('days')}
          min={1}
          max={90}
          value={days}
          onChange={(next) => setDays(Number(next) || 30)}
        />
        <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
          {page('tryIt')}
        </Button>
      </Group>
      {isChanged && (
        <Text size="sm" c="dimmed">
          {t('saveFirst')}
        </Text>
      )}
      {look.error && <Alert color="red">{inWords(look.error)}</Alert>}
      {look.data && (
        <>
          <Outcome dry={look.data} plural={book.byName(String(row.kind ?? ''))?.plural} />
          {row.enabled !== true && !isChanged && (
            <Button w="fit-content" onClick={() => onTurn(true)}>
              {t('switchOn')}
            </Button>
          )}
        </>
      )}
    </Stack>
  );
}

export const RuleTrial = (props: TrialProps) => <DryTrial plural="rules" {...props} />;

function StartTrial({ row, isChanged }: TrialProps) {
  const t = useTexts();
  const client = useQueryClient();
  const [record, setRecord] = useState<string | null>(null);
  const plural = useKinds().byName(String(row.kind ?? ''))?.plural;
  const start = () =>
    void act(client, {
      method: 'POST',
      path: 'runs',
      body: { flow: row.id, record },
      label: t('startFlow'),
      done: t('started'),
    })
      .then(() => client.invalidateQueries({ queryKey: ['list', 'runs'] }))
      .catch(() => undefined);
  if (!plural) return null;
  return (
    <Stack gap="md" className={classes.dry} component="section" aria-label={t('startFlow')}>
      <div>
        <Title order={2}>{t('startFlow')}</Title>
        <Text size="sm" c="dimmed">
          {t(row.enabled === true ? (isChanged ? 'saveFirst' : 'startHint') : 'flowOff')}
        </Text>
      </div>
      {row.enabled === true && (
        <Group align="flex-end">
          <ReferenceInput plural={plural} label={t('record')} value={record} onChange={setRecord} clearable />
          <Button variant="default" disabled={!record} onClick={start}>
            {t('startNow')}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

export function FlowTrial(props: TrialProps) {
  return (
    <>
      <DryTrial plural="flows" {...props} />
      <StartTrial {...props} />
    </>
  );
}
