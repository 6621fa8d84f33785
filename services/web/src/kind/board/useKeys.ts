// SPDX-License-Identifier: Apache-2.0
// The board without a mouse: arrows go from card to card; space picks one, arrows hold it over another
// column, space puts it down. Each step is said in words for those who hear the screen.
import { type KeyboardEvent, useState } from 'react';
import type { Row } from '@/api/records';
import type { BoardColumn } from './columns';
import { useTexts } from './texts';

interface KeysProps {
  columns: BoardColumn[];
  rows: Row[][];
  nameOf: (row: Row) => string;
  labelOf: (column: BoardColumn) => string;
  canMove: (row: Row, to: BoardColumn) => boolean;
  move: (row: Row, to: BoardColumn) => void;
}

export const arrows: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The card beside one, over columns that have none. */
export function cardBeside(rows: Row[][], id: string, [x, y]: [number, number]): Row | undefined {
  const column = rows.findIndex((all) => all.some((row) => row.id === id));
  const index = rows[column]?.findIndex((row) => row.id === id) ?? -1;
  if (!x) return rows[column]?.[index + y];
  for (let at = column + x; at >= 0 && at < rows.length; at += x) {
    const there = rows[at];
    if (there?.length) return there[Math.min(index, there.length - 1)];
  }
  return undefined;
}

export function useKeys({ columns, rows, nameOf, labelOf, canMove, move }: KeysProps) {
  const t = useTexts();
  const [picked, setPicked] = useState<{ id: string; from: number; over: number }>();
  const [said, setSaid] = useState('');
  const [focus, setFocus] = useState<string>();
  const column = (at: number) => columns[at] as BoardColumn;
  const words = (row: Row, at: number) => ({ name: nameOf(row), column: labelOf(column(at)) });
  const pick = (row: Row) => {
    const from = rows.findIndex((all) => all.some((one) => one.id === row.id));
    if (from < 0) return;
    setPicked({ id: row.id, from, over: from });
    setSaid(t('picked', words(row, from)));
  };
  const leave = (row: Row, from: number) => {
    setPicked(undefined);
    setSaid(t('left', words(row, from)));
  };
  const drop = (row: Row, { from, over }: { from: number; over: number }) => {
    if (over === from) return leave(row, from);
    if (!canMove(row, column(over))) return setSaid(t('cannot', words(row, over)));
    setPicked(undefined);
    setSaid(t('dropped', words(row, over)));
    move(row, column(over));
    setFocus(row.id);
  };
  const hold = (row: Row, over: number) => {
    if (!picked || !columns[over]) return;
    setPicked({ ...picked, over });
    const where = t('over', { column: labelOf(column(over)), at: over + 1, of: columns.length });
    setSaid(
      over === picked.from || canMove(row, column(over))
        ? where
        : `${where} ${t('cannot', words(row, over))}`,
    );
  };
  const onKey = (event: KeyboardEvent, row: Row) => {
    const arrow = arrows[event.key];
    const held = picked?.id === row.id ? picked : undefined;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ') held ? drop(row, held) : pick(row);
    else if (event.key === 'Escape' && held) leave(row, held.from);
    else if (arrow && held) hold(row, held.over + arrow[0]);
    else if (arrow) setFocus(cardBeside(rows, row.id, arrow)?.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { picked, said, focus, onKey, focused: () => setFocus(undefined) };
}
