// SPDX-License-Identifier: Apache-2.0
// A column: its name, count and sum; its cards, of which only those on the screen are drawn.
import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Badge, Loader, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { listQuery, Row } from '@/api/records';
import { formatMoney, formatNumber } from '@/ui/format';
import { colorOf } from '../field/Value';
import classes from './Board.module.css';
import { Card, type CardProps } from './Card';
import type { BoardColumn, Total } from './columns';
import { useTexts } from './texts';

interface ColumnProps extends Pick<CardProps, 'kind' | 'fields' | 'hintId' | 'onMove' | 'onKey'> {
  column: BoardColumn;
  label: string;
  values: string[];
  question: ReturnType<typeof listQuery>;
  rows: Row[];
  total: Total | undefined;
  picked: string | undefined;
  /** The keyboard holds a card over this column. */
  isTarget: boolean;
  canTake: (row: Row) => boolean;
  waysOf: (row: Row) => ReturnType<CardProps['ways']>;
  onOpen: (row: Row) => void;
  /** The card that wants the focus, and who says that it has it. */
  focus: string | undefined;
  onFocused: () => void;
}

export function sumText(total: Total | undefined): string {
  return [...(total?.sums ?? [])]
    .filter(([, amount]) => amount !== 0)
    .map(([currency, amount]) =>
      currency
        ? formatMoney({ currency, amount_minor: amount }, { short: Math.abs(amount) >= 100_000_000 })
        : formatNumber(amount),
    )
    .join(' + ');
}

function useDrop(canTake: ColumnProps['canTake'], onDrop: (row: Row) => void) {
  const ref = useRef<HTMLElement>(null);
  const [over, setOver] = useState<'yes' | 'no'>();
  const latest = useRef({ canTake, onDrop });
  latest.current = { canTake, onDrop };
  useEffect(() => {
    if (!ref.current) return undefined;
    return dropTargetForElements({
      element: ref.current,
      canDrop: ({ source }) => 'row' in source.data,
      onDragEnter: ({ source }) => setOver(latest.current.canTake(source.data.row as Row) ? 'yes' : 'no'),
      onDragLeave: () => setOver(undefined),
      onDrop: ({ source }) => {
        setOver(undefined);
        const row = source.data.row as Row;
        if (latest.current.canTake(row)) latest.current.onDrop(row);
      },
    });
  }, []);
  return { ref, over };
}

export function Column(props: ColumnProps) {
  const { column, label, values, question, rows, total, picked, focus, onFocused } = props;
  const t = useTexts();
  const query = useInfiniteQuery(question);
  const { ref, over } = useDrop(props.canTake, (row) => props.onMove(row, column));
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 96,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 5,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  useEffect(() => {
    if (last >= rows.length - 15 && hasNextPage && !isFetchingNextPage && !isError) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  const wanted = focus ? rows.findIndex((row) => row.id === focus) : -1;
  // After every drawing until the card is there: it may have to be scrolled to first.
  useEffect(() => {
    if (wanted < 0 || !focus) return;
    const card = scroll.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(focus)}"]`);
    if (!card) return virtual.scrollToIndex(wanted);
    card.focus();
    card.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    onFocused();
  });
  return (
    <section
      ref={ref}
      className={classes.column}
      aria-label={label}
      data-over={props.isTarget ? 'yes' : over}
    >
      <header className={classes.head}>
        <span className={classes.dot} data-color={colorOf(column.value ?? '', values)} aria-hidden />
        <h2 className={classes.label}>{label}</h2>
        <Badge color="gray" aria-label={t('cards', { count: total?.count ?? 0 })}>
          {formatNumber(total?.count ?? 0)}
        </Badge>
        <span className={classes.sum}>{sumText(total)}</span>
      </header>
      <div ref={scroll} className={classes.cards} tabIndex={-1}>
        {query.isPending ? (
          <Loader size="xs" mx="auto" my="md" display="block" />
        ) : (
          !rows.length && (
            <Text size="xs" c="dimmed" ta="center" py="md">
              {t('nothing')}
            </Text>
          )
        )}
        {rows.length > 0 && (
          <ul className={classes.list} style={{ height: virtual.getTotalSize() }}>
            {shown.map(({ index, start }) => {
              const row = rows[index];
              if (!row) return null;
              return (
                <li
                  key={row.id}
                  ref={virtual.measureElement}
                  data-index={index}
                  className={classes.item}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <Card
                    kind={props.kind}
                    row={row}
                    fields={props.fields}
                    hintId={props.hintId}
                    isPicked={picked === row.id}
                    ways={() => props.waysOf(row)}
                    onMove={props.onMove}
                    onOpen={() => props.onOpen(row)}
                    onKey={props.onKey}
                  />
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </section>
  );
}
