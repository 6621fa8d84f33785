// SPDX-License-Identifier: Apache-2.0
// Weeks as a table; a record is moved to another day by the pointer, or by Alt and the arrow keys.
import { UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type DragEvent, type KeyboardEvent, useState } from 'react';
import type { Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { nameOf } from '@/kind/field/Reference';
import { colorOf } from '@/kind/field/Value';
import { formatTime, forms } from '@/ui/format';
import classes from './Calendar.module.css';
import { addDays, datedOf, type Shown, stateOf, type View } from './days';
import { usePageTexts } from './pageTexts';

/** A day of the calendar as text; days have no zone. */
export const formatDay = (day: string, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(forms().locale, { timeZone: 'UTC', ...options }).format(
    new Date(`${day}T00:00:00Z`),
  );

const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

interface EntryProps {
  shown: Shown;
  row: Row;
  day: string;
  move: ((row: Row, day: string) => void) | undefined;
}

const colorFor = (kind: Kind, row: Row) => colorOf(stateOf(kind, row) ?? '');

export function Entry({ shown, row, day, move }: EntryProps) {
  const t = usePageTexts();
  const value = String(row[shown.field.name] ?? '');
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (!step || !event.altKey || !move) return;
    event.preventDefault();
    event.stopPropagation();
    move(row, addDays(day, step));
  };
  return (
    <Link
      to={`/${shown.kind.plural}/${row.id}`}
      id={`calendar-${row.id}`}
      className={classes.entry}
      draggable={!!move}
      title={move ? t('moveHint') : undefined}
      onDragStart={(event) => event.dataTransfer.setData('text/liaison-record', row.id)}
      onKeyDown={onKeyDown}
    >
      <span
        className={classes.dot}
        style={{ background: `var(--mantine-color-${colorFor(shown.kind, row)}-5)` }}
      />
      {datedOf(shown.field) === 'instant' && <span className={classes.time}>{formatTime(value)}</span>}
      <span className={classes.entryName}>{nameOf(shown.kind, row)}</span>
    </Link>
  );
}

export interface GridProps {
  shown: Shown;
  view: View;
  weeks: string[][];
  /** Month that the view is about, "2026-11". */
  month: string;
  today: string;
  rows: Map<string, Row[]>;
  move: ((row: Row, day: string) => void) | undefined;
  openWeek: (day: string) => void;
  label: string;
}

function Day({ day, ...grid }: GridProps & { day: string }) {
  const t = usePageTexts();
  const [isOver, setOver] = useState(false);
  const all = grid.rows.get(day) ?? [];
  const most = grid.view === 'week' ? all.length : all.length > 4 ? 3 : 4;
  const onDrop = (event: DragEvent) => {
    setOver(false);
    const id = event.dataTransfer.getData('text/liaison-record');
    const row = [...grid.rows.values()].flat().find((one) => one.id === id);
    if (!row || !grid.move) return;
    event.preventDefault();
    grid.move(row, day);
  };
  const onDragOver = (event: DragEvent) => {
    if (!grid.move || !event.dataTransfer.types.includes('text/liaison-record')) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    <td
      className={classes.day}
      data-over={isOver || undefined}
      data-other={(grid.view === 'month' && !day.startsWith(grid.month)) || undefined}
      onDragOver={onDragOver}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <time
        dateTime={day}
        className={classes.number}
        data-today={day === grid.today || undefined}
        aria-current={day === grid.today ? 'date' : undefined}
      >
        {Number(day.slice(8))}
      </time>
      {all.slice(0, most).map((row) => (
        <Entry key={row.id} shown={grid.shown} row={row} day={day} move={grid.move} />
      ))}
      {all.length > most && (
        <UnstyledButton className={classes.more} onClick={() => grid.openWeek(day)}>
          {t('more', { count: all.length - most })}
        </UnstyledButton>
      )}
    </td>
  );
}

export function Grid(props: GridProps) {
  const { weeks, view, label } = props;
  return (
    <table className={classes.grid} data-view={view} aria-label={label}>
      <thead>
        <tr>
          {weeks[0]?.map((day) => (
            <th key={day} scope="col">
              {formatDay(day, { weekday: 'short' })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <Day key={day} day={day} {...props} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** On a phone: only days with something on them, one below the other. */
export function Agenda({ weeks, rows, shown, move }: GridProps) {
  const t = usePageTexts();
  const days = weeks.flat().filter((day) => rows.get(day)?.length);
  if (!days.length) return <p className={classes.nothing}>{t('nothing')}</p>;
  return (
    <div className={classes.agenda}>
      {days.map((day) => (
        <section key={day}>
          <h2 className={classes.agendaDay}>
            {formatDay(day, { weekday: 'long', day: 'numeric', month: 'long' })}
          </h2>
          {rows.get(day)?.map((row) => (
            <Entry key={row.id} shown={shown} row={row} day={day} move={move} />
          ))}
        </section>
      ))}
    </div>
  );
}
