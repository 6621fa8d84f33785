// SPDX-License-Identifier: Apache-2.0
// What a rule would have done over the last days.
import { Alert, Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { inWords } from '@/api/problem';
import type { Row } from '@/api/records';
import type { components } from '@/api/schema';
import { formatInstantLong, formatNumber, useForms } from '@/ui/format';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { heights } from './said';

type Dry = components['schemas']['DryRun'];

function Examples({ dry, plural }: { dry: Dry; plural: string | undefined }) {
  const t = useTexts();
  useForms();
  if (dry.examples.length === 0) return null;
  return (
    <div>
      <Text size="sm" fw={600}>
        {t('examples')}
      </Text>
      {dry.examples.slice(0, 8).map((one) => (
        <Group key={`${one.event} ${one.record}`} gap="sm">
          <Text size="sm">{one.at ? formatInstantLong(one.at) : ''}</Text>
          {plural && one.record && (
            <Link to={`/${plural}/${one.record}`} aria-label={`${t('open')}: ${one.record}`}>
              {t('open')}
            </Link>
          )}
        </Group>
      ))}
    </div>
  );
}

function Outcome({ dry, plural }: { dry: Dry; plural: string | undefined }) {
  const t = useTexts();
  useForms();
  return (
    <Stack gap="sm">
      <Text fw={600}>{t('would', { count: dry.runs, shown: formatNumber(dry.runs) })}</Text>
      <div className={classes.days} role="img" aria-label={`${t('perDay')}: ${dry.days.join(', ')}`}>
        {heights(dry.days).map((height, day) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a day has no other name than its place
          <div key={day} className={classes.day} style={{ height: `${height}%` }} />
        ))}
      </div>
      <Text size="sm" c="dimmed">
        {t('lookedAt', { shown: formatNumber(dry.looked_at) })} {dry.as_of_now && t('asOfNow')}
      </Text>
      {!dry.complete && <Alert color="yellow">{t('incomplete', { why: dry.stopped ?? '' })}</Alert>}
      <Text size="sm">
        {t('steps')}: {dry.steps.map((step) => step.name).join(', ')}
      </Text>
      <Examples dry={dry} plural={plural} />
    </Stack>
  );
}

export default function DryRun({ rule, onClose }: { rule: Row; onClose: () => void }) {
  const t = useTexts();
  const book = useKinds();
  const [days, setDays] = useState(30);
  const look = useMutation({
    mutationFn: () => request<Dry>('POST', `rules/${rule.id}:dryRun`, { body: { days } }),
  });
  return (
    <Modal opened onClose={onClose} title={t('dryRunOf', { name: String(rule.name ?? '') })} size={560}>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('dryHint')}
        </Text>
        <Group align="flex-end">
          <NumberInput
            label={t('days')}
            min={1}
            max={90}
            value={days}
            onChange={(next) => setDays(Number(next) || 30)}
            data-autofocus
          />
          <Button loading={look.isPending} onClick={() => look.mutate()}>
            {t('tryIt')}
          </Button>
        </Group>
        {look.error && <Alert color="red">{inWords(look.error)}</Alert>}
        {look.data && <Outcome dry={look.data} plural={book.byName(String(rule.kind ?? ''))?.plural} />}
      </Stack>
    </Modal>
  );
}
