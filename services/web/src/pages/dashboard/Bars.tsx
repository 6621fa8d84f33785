// SPDX-License-Identifier: Apache-2.0
// Shares as bars that are links: each leads to the list that it counts.
import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { formatNumber } from '@/ui/format';
import classes from './Dashboard.module.css';
import { usePageTexts } from './pageTexts';

export interface Bar {
  name: string;
  label: string;
  count: number;
  /** The list that it stands for. */
  to: string;
  filter: string | undefined;
}

function OneBar({ bar, most }: { bar: Bar; most: number }) {
  const inner = (
    <>
      <span className={classes.barHead}>
        <span className={classes.barName}>{bar.label}</span>
        <span>{formatNumber(bar.count)}</span>
      </span>
      <span className={classes.track}>
        <span className={classes.fill} style={{ width: `${(100 * bar.count) / most}%` }} />
      </span>
    </>
  );
  return (
    <li>
      {bar.filter === undefined ? (
        <div className={classes.bar}>{inner}</div>
      ) : (
        <Link to={bar.to} search={{ filter: bar.filter } as never} className={classes.bar}>
          {inner}
        </Link>
      )}
    </li>
  );
}

export function Bars({ title, hint, bars }: { title: string; hint?: string; bars: Bar[] }) {
  const t = usePageTexts();
  const most = Math.max(1, ...bars.map((bar) => bar.count));
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
      <ul className={classes.bars}>
        {bars.map((bar) => (
          <OneBar key={bar.name} bar={bar} most={most} />
        ))}
      </ul>
    </section>
  );
}
