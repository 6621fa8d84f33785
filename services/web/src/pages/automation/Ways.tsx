// SPDX-License-Identifier: Apache-2.0
// Through which steps records would have gone; where that is not known before it runs, each way.
import { Text } from '@mantine/core';
import type { components } from '@/api/schema';
import { formatInstant, useForms } from '@/ui/format';
import classes from './Automation.module.css';
import { useTexts } from './pageTexts';
import { saidOf } from './said';

export type DryStep = components['schemas']['DryStep'];

function Said({ step }: { step: DryStep }) {
  const t = useTexts();
  useForms();
  const until = step.until ? formatInstant(step.until) : '';
  return (
    <Text span size="sm" c={step.outcome === 'fails' ? 'red' : 'dimmed'}>
      {t(saidOf(step), { until })}
    </Text>
  );
}

export function Way({ way }: { way: readonly DryStep[] }) {
  const t = useTexts();
  useForms();
  return (
    <ol className={classes.way}>
      {way.map((step, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a loop comes to a step again; ways do not change
        <li key={at} data-unknown={step.outcome === 'unknown' || undefined}>
          <Text span size="xs" c="dimmed" className={classes.wayAt}>
            {formatInstant(step.at)}
          </Text>{' '}
          <Text span size="sm" fw={600}>
            {step.step}
          </Text>{' '}
          <Said step={step} />
          {step.of_rule && (
            <Text span size="xs" c="dimmed">
              {' '}
              {t('ofRule')}
            </Text>
          )}
          {step.ways?.map((one) => (
            <div key={one.when} className={classes.fork}>
              <Text size="sm" fw={600} c="dimmed">
                {t(`when_${one.when}`)}
              </Text>
              <Way way={one.way} />
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}
