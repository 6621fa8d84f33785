// SPDX-License-Identifier: Apache-2.0
// Shares as bars on a card of the dashboard.
import { Text, Title } from '@mantine/core';
import { Bars as BarList, type Bar as OneBar } from '@/ui/Bars';
import classes from './Dashboard.module.css';
import { usePageTexts } from './pageTexts';

export type Bar = OneBar;

export function Bars({ title, hint, bars }: { title: string; hint?: string; bars: Bar[] }) {
  const t = usePageTexts();
  return (
    <section className={classes.card} aria-label={title}>
      <Title order={2} size="h3" mb={4}>
        {title}
      </Title>
      {hint && (
        <Text size="xs" c="dimmed" mb="xs">
          {hint}
        </Text>
      )}
      {bars.length === 0 && <Text c="dimmed">{t('nothing')}</Text>}
      <BarList bars={bars} />
    </section>
  );
}
