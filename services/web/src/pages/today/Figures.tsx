// SPDX-License-Identifier: Apache-2.0
// The day in four figures, each a link to the list that it counts.
import { SimpleGrid, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { aggregateQuery } from '@/api/aggregate';
import { formatMoney, formatNumber, type Money } from '@/ui/format';
import { type Day, type FigureOf, figuresOf } from './boxes';
import { usePageTexts } from './pageTexts';
import classes from './Today.module.css';

/** Sums in more currencies than fit say how many there are by standing one behind another. */
export const moneyText = (sums: Money[]) => sums.map((one) => formatMoney(one, { short: true })).join(' + ');

function Figure({ figure }: { figure: FigureOf }) {
  const t = usePageTexts();
  const { plural, filter, sum } = figure;
  const { data } = useQuery(aggregateQuery(plural, sum ? { filter, sum } : { filter }));
  const sums = sum ? ((data?.sums as Record<string, Money[]> | undefined)?.[sum] ?? []) : [];
  return (
    <Link to={`/${plural}`} search={{ filter } as never} className={classes.tile}>
      <Text size="sm" c="dimmed" component="span" display="block" truncate>
        {t(figure.name)}
      </Text>
      {data ? (
        <span className={classes.figure}>{formatNumber(data.count)}</span>
      ) : (
        <Skeleton height={22} width={48} my={4} />
      )}
      {sums.length > 0 && (
        <Text size="xs" c="dimmed" component="span" display="block" truncate>
          {moneyText(sums)}
        </Text>
      )}
    </Link>
  );
}

export function Figures({ day, plurals }: { day: Day; plurals: (plural: string) => boolean }) {
  const figures = figuresOf(day).filter((one) => plurals(one.plural));
  return (
    <SimpleGrid cols={{ base: 2, sm: figures.length }} spacing="sm">
      {figures.map((figure) => (
        <Figure key={figure.name} figure={figure} />
      ))}
    </SimpleGrid>
  );
}
