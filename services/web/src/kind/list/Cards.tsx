// SPDX-License-Identifier: Apache-2.0
// A list at the width of a phone: a card for each record, the same columns one below the other.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { Row } from '@/api/records';
import { useSchemaTexts } from '@/texts/schema';
import { nameOf } from '../field/Reference';
import { labelOf } from '../field/shape';
import { isEmpty, Value } from '../field/Value';
import classes from './Cards.module.css';
import type { List } from './useList';

const LINES = 3;

export function Cards({ list, onOpen }: { list: List; onOpen: (row: Row) => void }) {
  const { labelText } = useSchemaTexts();
  const { rows, kind, columns } = list;
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 86,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= rows.length - 20) list.more();
  }, [last, rows.length, list.more]);
  return (
    <div ref={scroll} className={classes.scroll} role="list" tabIndex={0} aria-label={labelText(kind.label)}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {shown.map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          const lines = columns.filter((field) => field.name !== kind.title && !isEmpty(row[field.name]));
          return (
            <div
              key={row.id}
              role="listitem"
              ref={virtual.measureElement}
              data-index={index}
              className={classes.item}
              style={{ transform: `translateY(${start}px)` }}
            >
              <button type="button" className={classes.card} onClick={() => onOpen(row)}>
                <span className={classes.name}>{nameOf(kind, row)}</span>
                <span className={classes.lines}>
                  {lines.slice(0, LINES).map((field) => (
                    <span key={field.name} className={classes.line} title={labelText(labelOf(field))}>
                      <Value field={field} value={row[field.name]} plain />
                    </span>
                  ))}
                </span>
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}
