// SPDX-License-Identifier: Apache-2.0
// Stages so far: when it came there, and how long it stayed; the bars are to scale.
import { Group, Text, Tooltip } from '@mantine/core';
import type { PanelProps } from '@/app/area';
import { useMomentShown } from '@/kind/past/moment';
import { formatDate, formatDuration, formatInstantLong, useForms } from '@/ui/format';
import classes from './Deal.module.css';
import { type Deal, staysOf } from './deal';
import { usePageTexts } from './pageTexts';

export default function Stays({ row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const stays = staysOf(row as Deal, useMomentShown());
  if (!stays.length) return null;
  const most = Math.max(...stays.map((one) => one.ms), 1);
  return (
    <section className={classes.stays} aria-label={t('stages')}>
      <Text fw={600} size="sm" mb={4}>
        {t('stages')}
      </Text>
      <ol>
        {stays.map(({ visit, stage, entered, left, ms }) => (
          <li key={visit}>
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm" truncate>
                {stage}
              </Text>
              <Text size="sm" className={classes.time}>
                {formatDuration(ms)}
              </Text>
            </Group>
            <span
              className={classes.bar}
              data-still={!left || undefined}
              style={{ width: `${Math.max(2, (ms / most) * 100)}%` }}
            />
            <Tooltip label={formatInstantLong(entered)}>
              <Text size="xs" c="dimmed">
                {left
                  ? `${formatDate(entered)} – ${formatDate(left)}`
                  : t('still', { when: formatDate(entered) })}
              </Text>
            </Tooltip>
          </li>
        ))}
      </ol>
    </section>
  );
}
