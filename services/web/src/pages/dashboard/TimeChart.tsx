// SPDX-License-Identifier: Apache-2.0
// Something over time: as a chart, whose bars lead to the list, or as a table of the same.
import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import { Button, Group, Table, Title } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import classes from './Dashboard.module.css';
import { usePageTexts } from './pageTexts';

export interface Series {
  name: string;
  label: string;
  color: string;
}
export interface TimeRow {
  start: string;
  /** As the axis says it. */
  when: string;
  /** Of the list of interactions. */
  filter: string;
  sum: number;
  [series: string]: number | string;
}

interface TimeChartProps {
  title: string;
  rows: TimeRow[];
  series: Series[];
  format: (value: number) => string;
  /** In a few letters, for the axis. */
  short: (value: number) => string;
}

function Chart({ title, rows, series, format, short }: TimeChartProps) {
  const t = usePageTexts();
  const navigate = useNavigate();
  const peak = rows.reduce<TimeRow | undefined>(
    (most, row) => (most && most.sum >= row.sum ? most : row),
    undefined,
  );
  const total = rows.reduce((sum, row) => sum + row.sum, 0);
  const open = (row: unknown) => {
    const filter = (row as { payload?: TimeRow }).payload?.filter;
    if (filter) void navigate({ to: '/interactions', search: { filter } as never });
  };
  return (
    <div role="img" aria-label={t('peak', { label: title, count: format(total), when: peak?.when ?? '' })}>
      <BarChart
        h={250}
        data={rows}
        dataKey="when"
        type="stacked"
        series={series}
        withLegend={series.length > 1}
        legendProps={{ verticalAlign: 'top', height: 34 }}
        valueFormatter={format}
        tickLine="none"
        strokeDasharray="0"
        gridColor="var(--lia-line)"
        maxBarWidth={34}
        barProps={{ onClick: open, cursor: 'pointer', isAnimationActive: false }}
        barChartProps={{ accessibilityLayer: false, barCategoryGap: '26%' }}
        xAxisProps={{ minTickGap: 18 }}
        yAxisProps={{ width: 46, tickFormatter: short, allowDecimals: false }}
      />
    </div>
  );
}

function AsTable({ title, rows, series, format }: TimeChartProps) {
  const t = usePageTexts();
  return (
    <div className={classes.scroll}>
      <Table aria-label={title} verticalSpacing={5} borderColor="var(--lia-line)">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('time')}</Table.Th>
            {series.length > 1 && series.map((one) => <Table.Th key={one.name}>{one.label}</Table.Th>)}
            <Table.Th>{t('sum')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.start}>
              <Table.Td>
                <Link to="/interactions" search={{ filter: row.filter } as never} className={classes.link}>
                  {row.when}
                </Link>
              </Table.Td>
              {series.length > 1 &&
                series.map((one) => <Table.Td key={one.name}>{format(Number(row[one.name] ?? 0))}</Table.Td>)}
              <Table.Td>{format(row.sum)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

export function TimeChart(props: TimeChartProps) {
  const t = usePageTexts();
  const [isTable, setTable] = useState(false);
  return (
    <section className={classes.card} aria-label={props.title}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Title order={2} size="h3">
          {props.title}
        </Title>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          className={classes.quiet}
          leftSection={isTable ? <IconChartBar size={14} /> : <IconTable size={14} />}
          onClick={() => setTable(!isTable)}
        >
          {t(isTable ? 'asChart' : 'asTable')}
        </Button>
      </Group>
      {isTable ? <AsTable {...props} /> : <Chart {...props} />}
    </section>
  );
}
