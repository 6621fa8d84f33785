// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Group, SegmentedControl, Select, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import { useMay } from '@/api/session';
import { useIsPhone } from '@/app/shell/state';
import { isEditable, labelOf } from '@/kind/field/shape';
import { toLocal } from '@/kind/field/time';
import { NotHere } from '@/kind/list/NotHere';
import { useSaveField } from '@/kind/save';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { useForms } from '@/ui/format';
import { groupBy } from '@/ui/groups';
import { Page } from '@/ui/Page';
import {
  choicesOf,
  datedOf,
  dayOfRow,
  filterOf,
  isDay,
  keyOf,
  movedTo,
  type Shown,
  stepped,
  type View,
  weeksOf,
} from './days';
import { Agenda, formatDay, Grid, type GridProps } from './Grid';
import { usePageTexts } from './pageTexts';
import { useTexts } from './texts';

const MOST = 500;

interface Place {
  show?: string;
  view?: string;
  day?: string;
}

/** What is looked at stands in the address. */
function usePlace(today: string) {
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as Place;
  const view: View = search.view === 'week' ? 'week' : 'month';
  const day = isDay(search.day) ? search.day : today;
  const go = (next: Place) =>
    void navigate({ to: '.', search: { ...search, ...next } as never, replace: true });
  return { view, day, show: search.show, go };
}

/** Puts the pointer of the keyboard back onto what was moved. */
const focusOn = (id: string) =>
  requestAnimationFrame(() => document.getElementById(`calendar-${id}`)?.focus());

function Days({
  shown,
  view,
  day,
  today,
  openWeek,
}: {
  shown: Shown;
  view: View;
  day: string;
  today: string;
  openWeek: (day: string) => void;
}) {
  const t = usePageTexts();
  const may = useMay();
  const isPhone = useIsPhone();
  const { pluralText } = useSchemaTexts();
  const { kind, field } = shown;
  const save = useSaveField(kind);
  const weeks = weeksOf(day, view);
  const filter = filterOf(field, weeks[0]?.[0] ?? day, weeks.at(-1)?.[6] ?? day);
  const { data, error, refetch } = useQuery(allQuery(kind.plural, { filter }, MOST));
  const rows = useMemo(() => {
    const at = (row: Row) => String(row[field.name] ?? '');
    return groupBy(
      [...(data ?? [])].sort((a, b) => at(a).localeCompare(at(b))),
      (row) => dayOfRow(row, field),
    );
  }, [data, field]);
  const shape = datedOf(field);
  const move = (row: Row, to: string) => {
    if (!shape || to === dayOfRow(row, field)) return;
    void save(row, field, movedTo(String(row[field.name]), shape, to));
    focusOn(row.id);
  };
  if (error && !data) return <Failed error={error} reset={() => void refetch()} />;
  const grid: GridProps = {
    shown,
    view,
    weeks,
    month: day.slice(0, 7),
    today,
    rows,
    move: isEditable(field) && may('change', kind.name) ? move : undefined,
    openWeek,
    label: pluralText(kind.plural),
  };
  return (
    <>
      {isPhone ? <Agenda {...grid} /> : <Grid {...grid} />}
      {(data?.length ?? 0) >= MOST && (
        <Text size="xs" c="dimmed" p="xs">
          {t('tooMany', { count: MOST })}
        </Text>
      )}
    </>
  );
}

export default function Calendar() {
  const own = useTexts();
  const t = usePageTexts();
  useForms();
  const may = useMay();
  const { kinds } = useKinds();
  const { labelText, pluralText } = useSchemaTexts();
  const today = toLocal(new Date().toISOString(), 'date');
  const { view, day, show, go } = usePlace(today);
  const choices = choicesOf(kinds, (kind) => may('read', kind.name));
  const shown = choices.find((one) => keyOf(one) === show) ?? choices[0];
  if (!shown) return <NotHere />;
  const bar = (
    <Group gap="xs" wrap="nowrap" w="100%" justify="space-between">
      <Group gap={4} wrap="nowrap">
        <ActionIcon aria-label={t('previous')} onClick={() => go({ day: stepped(day, view, -1) })}>
          <IconChevronLeft size={16} />
        </ActionIcon>
        <ActionIcon aria-label={t('next')} onClick={() => go({ day: stepped(day, view, 1) })}>
          <IconChevronRight size={16} />
        </ActionIcon>
        <Button variant="default" onClick={() => go({ day: today })}>
          {t('today')}
        </Button>
        <Text fw={600} ml={6} aria-live="polite" style={{ whiteSpace: 'nowrap' }}>
          {formatDay(day, { month: 'long', year: 'numeric' })}
        </Text>
      </Group>
      <SegmentedControl
        aria-label={t('view')}
        value={view}
        onChange={(next) => go({ view: next })}
        data={[
          { value: 'month', label: t('month') },
          { value: 'week', label: t('week') },
        ]}
      />
    </Group>
  );
  const chooser = (
    <Select
      w={210}
      searchable
      aria-label={t('what')}
      allowDeselect={false}
      value={keyOf(shown)}
      data={choices.map((one) => ({
        value: keyOf(one),
        label: `${pluralText(one.kind.plural)}: ${labelText(labelOf(one.field))}`,
      }))}
      onChange={(next) => next && go({ show: next })}
    />
  );
  return (
    <Page title={own('title')} actions={chooser} bar={bar}>
      <Days
        key={keyOf(shown)}
        shown={shown}
        view={view}
        day={day}
        today={today}
        openWeek={(one) => go({ view: 'week', day: one })}
      />
    </Page>
  );
}
