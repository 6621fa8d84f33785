// SPDX-License-Identifier: Apache-2.0
// The rows of a list: only those on the screen are drawn. One cell is active; arrows move it, Enter
// edits or opens.
import { Loader } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Field } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useMayWith } from '@/api/session';
import { later } from '@/app/offline/later';
import { usePreferences } from '@/app/preferences';
import { labelText } from '@/texts/schema';
import { formatDecimal } from '@/ui/decimal';
import { formatDuration, formatMoney, formatNumber } from '@/ui/format';
import { defaultWidth, isEditable, isFigure, isSummed, shapeOf } from '../field/shape';
import { Value } from '../field/Value';
import { useTexts } from '../texts';
import { type Item, itemsOf, type Sum, sumOf } from './groups';
import { Head } from './Head';
import { Line } from './Line';
import classes from './Table.module.css';
import { type List, useLook } from './useList';

export interface Selection {
  ids: ReadonlySet<string>;
  set: (ids: Set<string>) => void;
}

const HoverPeek = later(() => import('./HoverPeek'));

interface TableProps {
  list: List;
  selection: Selection;
  active: number;
  setActive: (row: number) => void;
  onOpen: (row: Row) => void;
  onSave: (row: Row, field: Field, value: unknown) => void;
}

const rowHeights = { compact: 30, normal: 36, roomy: 44 };
export const checkWidth = 40;

export function SumText({ sum }: { sum: Sum }): ReactNode {
  if (sum.type === 'money') return sum.totals.map((money) => formatMoney(money)).join(' + ');
  if (sum.type === 'decimal') return formatDecimal(sum.total, sum.scale);
  return sum.type === 'duration' ? formatDuration(sum.total) : formatNumber(sum.total);
}

function GroupRow({
  item,
  field,
  toggle,
  columns,
  template,
}: {
  item: Extract<Item, { type: 'group' }>;
  field: Field;
  toggle: (key: string) => void;
  columns: Field[];
  template: string;
}) {
  const t = useTexts();
  const Icon = item.closed ? IconChevronRight : IconChevronDown;
  return (
    <div className={classes.groupRow} style={{ gridTemplateColumns: template }}>
      <div role="gridcell" className={classes.groupName}>
        <button
          type="button"
          aria-expanded={!item.closed}
          className={classes.toggle}
          onClick={() => toggle(item.key)}
        >
          <Icon size={14} />
          {item.key === '' ? t('notSet') : <Value field={field} value={item.value} plain />}
          <span className={classes.count}>{item.count}</span>
        </button>
      </div>
      {columns.slice(1).map((column) => (
        <div
          role="gridcell"
          key={column.name}
          className={classes.cell}
          data-figure={isFigure(shapeOf(column)) || undefined}
        >
          {isSummed(shapeOf(column)) && <SumText sum={sumOf(item.rows, column)} />}
        </div>
      ))}
    </div>
  );
}

/** Columns, their widths, and the template that all rows share. */
function useColumns(list: List) {
  const [look, setLook] = useLook(list.kind.plural);
  const widths = list.columns.map(
    (field) => look.widths?.[field.name] ?? defaultWidth(field, field.name === list.kind.title),
  );
  const template = `${checkWidth}px ${widths.map((width) => `${width}px`).join(' ')} minmax(0, 1fr)`;
  return {
    kept: look,
    widths,
    template,
    minWidth: checkWidth + widths.reduce((sum, width) => sum + width, 0),
    setWidth: (name: string, width: number) =>
      setLook({ widths: { ...look.widths, [name]: Math.max(60, Math.min(900, Math.round(width))) } }),
    sums: new Set(look.sums ?? []),
    toggleSum: (name: string) =>
      setLook({
        sums: look.sums?.includes(name)
          ? look.sums.filter((one) => one !== name)
          : [...(look.sums ?? []), name],
      }),
  };
}

export function Table({ list, selection, active, setActive, onOpen, onSave }: TableProps) {
  const t = useTexts();
  const { density } = usePreferences();
  const { kind, columns, rows, state } = list;
  const look = useColumns(list);
  const may = useMayWith();
  const canWrite = (row: Row) => !kind.internal && may('change', kind, row);
  const scroll = useRef<HTMLDivElement>(null);
  const [column, setColumn] = useState(0);
  const [editing, setEditing] = useState(false);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const group = kind.fields.find((field) => field.name === state.group);
  const items = useMemo(() => itemsOf(rows, group, closed), [rows, group, closed]);
  const rowHeight = rowHeights[density];
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height measures all anew
  useEffect(() => virtual.measure(), [rowHeight]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - 30) list.more();
  }, [last, items.length, list.more]);
  useEffect(() => {
    if (active < 0) return;
    const at = items.findIndex((item) => item.type === 'row' && item.index === active);
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [active, items, virtual]);

  const activate = useCallback(
    (row: number, at: number) => {
      setActive(row);
      setColumn(at);
      scroll.current?.focus({ preventScroll: true });
    },
    [setActive],
  );
  const edit = useCallback(
    (row: number, at: number) => {
      setActive(row);
      setColumn(at);
      setEditing(true);
    },
    [setActive],
  );
  const done = useCallback(() => {
    setEditing(false);
    scroll.current?.focus({ preventScroll: true });
  }, []);
  const toggle = (key: string) =>
    setClosed((now) => {
      const next = new Set(now);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const onKeyDown = (event: KeyboardEvent) => {
    if (editing || event.target !== scroll.current) return;
    const field = columns[column];
    const row = rows[active];
    if (event.key === 'ArrowRight') setColumn(Math.min(columns.length - 1, column + 1));
    else if (event.key === 'ArrowLeft') setColumn(Math.max(0, column - 1));
    else if (
      (event.key === 'F2' || (event.key === 'Enter' && column > 0)) &&
      row &&
      field &&
      isEditable(field) &&
      canWrite(row)
    )
      setEditing(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // Rows keep theirs while the list around them is drawn anew.
  const latest = useRef({ selection, onOpen, onSave });
  useEffect(() => {
    latest.current = { selection, onOpen, onSave };
  });
  const open = useCallback((row: Row) => latest.current.onOpen(row), []);
  const save = useCallback<TableProps['onSave']>((...what) => latest.current.onSave(...what), []);
  const check = useCallback((id: string) => {
    const { ids, set } = latest.current.selection;
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    set(next);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: all else that it shows follows from these
  const head = useMemo(
    () => (
      <Head
        list={list}
        widths={look.widths}
        template={look.template}
        minWidth={look.minWidth}
        setWidth={look.setWidth}
        sums={look.sums}
        toggleSum={look.toggleSum}
        selection={selection}
      />
    ),
    [list, selection, look.kept],
  );
  const sums = columns.some((field) => look.sums.has(field.name));
  return (
    <div
      ref={scroll}
      className={classes.scroll}
      role="grid"
      aria-label={labelText(kind.label)}
      aria-rowcount={list.isWhole ? rows.length + 1 : -1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {head}
      <div
        role="rowgroup"
        className={classes.body}
        style={{ height: virtual.getTotalSize(), minWidth: look.minWidth }}
      >
        <Suspense>
          <HoverPeek list={list} left={checkWidth + (look.widths[0] ?? 0)} />
        </Suspense>
        {shown.map(({ index, start }) => {
          const item = items[index];
          if (!item) return null;
          const style = { transform: `translateY(${start}px)`, height: rowHeight };
          if (item.type === 'group')
            return (
              <div key={`group ${item.key}`} role="row" className={classes.rowFrame} style={style}>
                {group && (
                  <GroupRow
                    item={item}
                    field={group}
                    toggle={toggle}
                    columns={columns}
                    template={look.template}
                  />
                )}
              </div>
            );
          const { row } = item;
          const isActive = item.index === active;
          return (
            <Line
              key={row.id}
              kind={kind}
              row={row}
              columns={columns}
              template={look.template}
              index={item.index}
              start={start}
              height={rowHeight}
              isSelected={selection.ids.has(row.id)}
              isActive={isActive}
              column={isActive ? column : -1}
              isEditing={isActive && editing}
              canWrite={canWrite(row)}
              check={check}
              edit={edit}
              activate={activate}
              done={done}
              onOpen={open}
              onSave={save}
            />
          );
        })}
      </div>
      {list.isFetchingMore && (
        <div className={classes.more}>
          <Loader size="xs" />
        </div>
      )}
      {sums && (
        <div
          role="row"
          className={classes.sums}
          style={{ gridTemplateColumns: look.template, minWidth: look.minWidth }}
        >
          <div role="gridcell" />
          {columns.map((field) => (
            <div
              role="gridcell"
              key={field.name}
              className={classes.cell}
              data-figure={isFigure(shapeOf(field)) || undefined}
              title={list.isWhole ? t('sum') : t('sumOfLoaded', { count: rows.length })}
            >
              {look.sums.has(field.name) && (
                <>
                  <span className={classes.sumSign}>{list.isWhole ? 'Σ' : 'Σ …'}</span>
                  <SumText sum={sumOf(rows, field)} />
                </>
              )}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
