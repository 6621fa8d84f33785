// SPDX-License-Identifier: Apache-2.0
// The start page of analytics.
import { Center, Loader, SegmentedControl, SimpleGrid } from '@mantine/core';
import { IconChartBar } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useStatus } from '@/api/kinds';
import { valueText } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatMoney, formatNumber, forms, minorDigits, useForms } from '@/ui/format';
import { Page } from '@/ui/Page';
import { Bars } from './Bars';
import classes from './Dashboard.module.css';
import {
  before,
  byPart,
  byTime,
  endOf,
  type Figure,
  filterOf,
  moneyByTime,
  type Part,
  type Period,
  periods,
  type Range,
  rangeOf,
  revenue,
} from './figures';
import { usePageTexts } from './pageTexts';
import { type ClassSize, classesQuery, figuresQuery } from './queries';
import { Tiles } from './Tiles';
import { TimeChart, type TimeRow } from './TimeChart';
import { useTexts } from './texts';

const colors: Record<string, string> = {
  sales: 'indigo.5',
  marketing: 'grape.5',
  service: 'teal.5',
  analytics: 'orange.5',
};

/** Figures are of days in UTC, wherever one looks. */
const whenOf = (start: string, { step }: Range) =>
  new Intl.DateTimeFormat(forms().locale, {
    timeZone: 'UTC',
    ...(step === 'month' ? { month: 'short', year: '2-digit' } : { day: 'numeric', month: 'short' }),
  }).format(new Date(`${start}T00:00:00Z`));

const compact = (value: number) =>
  new Intl.NumberFormat(forms().locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);

function timeRow(start: string, range: Range, also?: { part: Part; name: string }) {
  return { start, when: whenOf(start, range), filter: filterOf(start, endOf(start, range), also) };
}

function Counts({ rows, range }: { rows: Figure[]; range: Range }) {
  const t = usePageTexts();
  const names = byPart(rows, 'department').map((share) => share.name);
  return (
    <TimeChart
      title={t('overTime')}
      rows={byTime(rows, range, 'department').map(
        (one): TimeRow => ({ ...one, ...timeRow(one.start, range) }),
      )}
      series={names.map((name) => ({ name, label: valueText(name), color: colors[name] ?? 'gray.5' }))}
      format={formatNumber}
      short={compact}
    />
  );
}

function Purchases({ rows, range }: { rows: Figure[]; range: Range }) {
  const t = usePageTexts();
  const currency = revenue(rows)[0]?.currency;
  if (!currency) return null;
  const minor = 10 ** minorDigits(currency);
  const purchase = { part: 'type', name: 'purchase' } as const;
  return (
    <TimeChart
      title={t('moneyOverTime', { currency })}
      rows={moneyByTime(rows, range, currency).map(
        (one): TimeRow => ({ ...timeRow(one.start, range, purchase), sum: one.minor / minor }),
      )}
      series={[{ name: 'sum', label: t('revenue'), color: 'teal.5' }]}
      format={(value) => formatMoney({ amount_minor: Math.round(value * minor), currency }, { short: true })}
      short={compact}
    />
  );
}

function Shares({ rows, part, title, range }: { rows: Figure[]; part: Part; title: string; range: Range }) {
  const t = usePageTexts();
  return (
    <Bars
      title={title}
      bars={byPart(rows, part).map(({ name, count }) => ({
        name,
        label: name === 'unknown' ? t('none') : valueText(name),
        count,
        to: '/interactions',
        filter: name === 'unknown' ? undefined : filterOf(range.from, range.to, { part, name }),
      }))}
    />
  );
}

function Classes({ classes: all }: { classes: ClassSize[] }) {
  const t = usePageTexts();
  return (
    <Bars
      title={t('classes')}
      hint={t('classesHint')}
      bars={[...all]
        .sort((a, b) => b.customers - a.customers)
        .map(({ name, customers }) => ({
          name,
          label: valueText(name),
          count: customers,
          to: '/customers',
          filter: `class.name = "${name}"`,
        }))}
    />
  );
}

function Figures({ period }: { period: Period }) {
  const t = usePageTexts();
  const today = new Date().toISOString().slice(0, 10);
  const range = useMemo(() => rangeOf(period, Date.parse(`${today}T12:00:00Z`)), [period, today]);
  const byDepartment = useQuery(figuresQuery('day,department', range));
  const byType = useQuery(figuresQuery('day,type', range));
  const byChannel = useQuery(figuresQuery('channel', range));
  const then = useQuery(figuresQuery('type', before(range)));
  const sizes = useQuery(classesQuery);
  const failed = [byDepartment, byType, byChannel].find((query) => query.error && !query.data);
  if (failed) return <Failed error={failed.error} reset={() => void failed.refetch()} />;
  if (!byDepartment.data || !byType.data || !byChannel.data)
    return (
      <Center h="100%">
        <Loader size="sm" />
      </Center>
    );
  if (!byType.data.length) return <Empty icon={IconChartBar} title={t('nothing')} hint={t('nothingHint')} />;
  return (
    <div className={classes.page}>
      <Tiles rows={byType.data} then={then.data} />
      <Counts rows={byDepartment.data} range={range} />
      <Purchases rows={byType.data} range={range} />
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="sm">
        <Shares rows={byType.data} part="type" title={t('byType')} range={range} />
        <Shares rows={byChannel.data} part="channel" title={t('byChannel')} range={range} />
        {sizes.data && <Classes classes={sizes.data} />}
      </SimpleGrid>
    </div>
  );
}

export default function Dashboard() {
  const own = useTexts();
  const t = usePageTexts();
  useForms();
  const navigate = useNavigate();
  const status = useStatus();
  const asked = (useSearch({ strict: false }) as { period?: string }).period;
  const period = periods.find((one) => one === asked) ?? 'year';
  const choose = (next: string) =>
    void navigate({ to: '.', search: { period: next } as never, replace: true });
  const isHere = status?.department === 'analytics';
  return (
    <Page
      title={own('title')}
      bar={
        isHere && (
          <SegmentedControl
            aria-label={t('period')}
            value={period}
            onChange={choose}
            data={periods.map((one) => ({ value: one, label: t(one) }))}
          />
        )
      }
    >
      {isHere ? (
        <Figures period={period} />
      ) : (
        status && <Empty icon={IconChartBar} title={t('notHere')} hint={t('notHereHint')} />
      )}
    </Page>
  );
}
