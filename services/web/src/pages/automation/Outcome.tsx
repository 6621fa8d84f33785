// SPDX-License-Identifier: Apache-2.0
// What a dry run has found.
import { Alert, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { components } from '@/api/schema';
import { formatInstantLong, formatNumber, useForms } from '@/ui/format';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { heights } from './said';

export type Dry = components['schemas']['DryRun'];

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

export function Outcome({ dry, plural }: { dry: Dry; plural: string | undefined }) {
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
