// SPDX-License-Identifier: Apache-2.0
// The four figures at the top, each against the period before.
import { SimpleGrid, Text } from '@mantine/core';
import { formatMoney, formatNumber, forms, type Money } from '@/ui/format';
import classes from './Dashboard.module.css';
import { changeOf, countOf, type Figure, purchaseCount, revenue } from './figures';
import { usePageTexts } from './pageTexts';

const percent = (share: number) =>
  new Intl.NumberFormat(forms().locale, {
    style: 'percent',
    maximumFractionDigits: 1,
    signDisplay: 'exceptZero',
  }).format(share);

function Tile({
  label,
  value,
  change,
  also,
}: {
  label: string;
  value: string;
  change?: number | undefined;
  also?: string | undefined;
}) {
  const t = usePageTexts();
  const said = [change !== undefined && t('against', { change: percent(change) }), also]
    .filter(Boolean)
    .join(', ');
  return (
    <div className={classes.tile}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={classes.figure}>{value}</div>
      {said && (
        <Text size="xs" c="dimmed">
          {said}
        </Text>
      )}
    </div>
  );
}

const mean = (money: Money | undefined, count: number): Money | undefined =>
  money && count ? { ...money, amount_minor: Math.round(money.amount_minor / count) } : undefined;

export function Tiles({ rows, then }: { rows: Figure[]; then: Figure[] | undefined }) {
  const t = usePageTexts();
  const [main, ...others] = revenue(rows);
  const old = main && then && revenue(then).find((one) => one.currency === main.currency);
  const count = purchaseCount(rows);
  const average = others.length ? undefined : mean(main, count);
  return (
    <SimpleGrid cols={{ base: 2, md: average ? 4 : 3 }} spacing="sm">
      <Tile
        label={t('interactions')}
        value={formatNumber(countOf(rows))}
        change={changeOf(countOf(rows), then && countOf(then))}
      />
      <Tile
        label={t('revenue')}
        value={main ? formatMoney(main, { short: true }) : formatNumber(0)}
        change={changeOf(main?.amount_minor ?? 0, old?.amount_minor)}
        also={others.length ? t('currencies', { count: others.length }) : undefined}
      />
      <Tile
        label={t('purchases')}
        value={formatNumber(count)}
        change={changeOf(count, then && purchaseCount(then))}
      />
      {average && <Tile label={t('perPurchase')} value={formatMoney(average)} />}
    </SimpleGrid>
  );
}
