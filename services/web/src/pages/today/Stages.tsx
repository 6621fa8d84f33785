// SPDX-License-Identifier: Apache-2.0
// Open deals by stage, each a link to its deals.
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { aggregateQuery } from '@/api/aggregate';
import { useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { stageNames } from '@/kind/board/columns';
import { stagesOf as staged } from '@/kind/board/staged';
import { quote } from '@/kind/filter/model';
import { Bars } from '@/ui/Bars';
import { formatNumber } from '@/ui/format';
import { stagesOf } from './boxes';
import { moneyText } from './Figures';
import { usePageTexts } from './pageTexts';
import classes from './Today.module.css';

const OPEN = 'state = open';

export function Stages() {
  const t = usePageTexts();
  const { data } = useQuery(aggregateQuery('deals', { filter: OPEN, group_by: 'stage', sum: 'amount' }));
  const book = useKinds();
  const kind = book.byPlural('deals');
  const board = kind && staged(kind, (plural) => book.byPlural(plural))[0];
  const { data: pipelines } = useQuery(allQuery('pipelines'));
  const order = board ? (pipelines ?? []).flatMap((one) => stageNames(board, one)) : [];
  const stages = stagesOf(data?.groups ?? [], order);
  const bars = stages.map(({ name, count, sums }) => ({
    name,
    label: name,
    count,
    figures: [formatNumber(count), moneyText(sums)].filter(Boolean).join(' · '),
    to: '/deals',
    filter: `${OPEN} AND stage = ${quote(name)}`,
  }));
  return (
    <section className={classes.card} aria-label={t('stages')}>
      <div className={classes.head}>
        <Title order={2} size="h4">
          {t('stages')}
        </Title>
        <Link to="/deals" search={{ filter: OPEN } as never} className={classes.all}>
          {t('all')}
        </Link>
      </div>
      {data && stages.length === 0 && (
        <Text c="dimmed" size="sm" py={4}>
          {t('stagesNone')}
        </Text>
      )}
      <Bars bars={bars} />
    </section>
  );
}
