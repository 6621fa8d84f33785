// SPDX-License-Identifier: Apache-2.0
// What a dry run has found.
import { Alert, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { components } from '@/api/schema';
import { formatInstant, formatNumber, useForms } from '@/ui/format';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { heights } from './said';
import { Way } from './Ways';

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
        <details key={`${one.event} ${one.record}`} className={classes.example}>
          <summary>
            <Text span size="sm">
              {one.at ? formatInstant(one.at) : one.record}
            </Text>
          </summary>
          {plural && one.record && (
            <Link
              to={`/${plural}/${one.record}`}
              aria-label={`${t('open')}: ${one.record}`}
              className={classes.link}
            >
              {t('open')}
            </Link>
          )}
          {one.way && <Way way={one.way} />}
        </details>
      ))}
    </div>
  );
}

/** The steps, and through how many of the ways they are. */
function Steps({ dry }: { dry: Dry }) {
  const t = useTexts();
  return (
    <ol className={classes.reach} aria-label={t('steps')}>
      {dry.steps.map((step) => (
        <li key={step.name}>
          <Text span size="sm" fw={600}>
            {step.name}
          </Text>{' '}
          <Text span size="sm" c="dimmed">
            {dry.ways > 0 && t('reached', { count: step.reached, ways: dry.ways })}
            {step.maybe > 0 && `, ${t('perhaps', { count: step.maybe })}`}
          </Text>
        </li>
      ))}
    </ol>
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
      {dry.started_by && (
        <Text size="sm">
          {dry.started_by.length > 0
            ? t('startedBy', { rules: dry.started_by.map((one) => one.name).join(', ') })
            : t('asIf')}
        </Text>
      )}
      <Steps dry={dry} />
      <Examples dry={dry} plural={plural} />
    </Stack>
  );
}
