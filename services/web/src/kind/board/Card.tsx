// SPDX-License-Identifier: Apache-2.0
// A record as a card: its name, who it is of, and up to four fields that the list's columns name.
import { draggable } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useSchemaTexts } from '@/texts/schema';
import { nameOf } from '../field/Reference';
import { labelOf, shapeOf } from '../field/shape';
import { isEmpty, Value } from '../field/Value';
import classes from './Board.module.css';
import type { BoardColumn } from './columns';
import { useTexts } from './texts';

export interface CardProps {
  kind: Kind;
  row: Row;
  fields: Field[];
  hintId: string;
  isPicked: boolean;
  /** Where it could go, by its menu. */
  ways: () => { column: BoardColumn; label: string }[];
  onMove: (row: Row, to: BoardColumn) => void;
  onOpen: () => void;
  onKey: (event: KeyboardEvent, row: Row) => void;
}

function Lines({ row, fields }: { row: Row; fields: Field[] }) {
  const { labelText } = useSchemaTexts();
  const has = fields.filter((field) => !isEmpty(row[field.name]));
  const isHead = (field: Field) => !!field.reference && field.reference !== 'users' && !field.repeated;
  const line = (field: Field) => (
    <span
      key={field.name}
      className={classes.value}
      title={labelText(labelOf(field))}
      data-strong={shapeOf(field) === 'money' || undefined}
    >
      <Value field={field} value={row[field.name]} plain />
    </span>
  );
  const below = has.filter((field) => !isHead(field));
  return (
    <>
      {has.filter(isHead).map(line)}
      {below.length > 0 && <span className={classes.below}>{below.map(line)}</span>}
    </>
  );
}

function MoveMenu({ kind, row, ways, onMove }: Pick<CardProps, 'kind' | 'row' | 'ways' | 'onMove'>) {
  const t = useTexts();
  const [opened, setOpened] = useState(false);
  return (
    <Menu opened={opened} onChange={setOpened} width={200}>
      <Menu.Target>
        <ActionIcon size="sm" aria-label={t('actions', { name: nameOf(kind, row) })} tabIndex={-1}>
          <IconDots size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('moveTo')}</Menu.Label>
        {opened &&
          ways().map(({ column, label }) => (
            <Menu.Item key={column.key} onClick={() => onMove(row, column)}>
              {label}
            </Menu.Item>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function Card(props: CardProps) {
  const { kind, row, fields, hintId, isPicked, ways, onMove, onOpen, onKey } = props;
  const ref = useRef<HTMLDivElement>(null);
  const [isDragged, setDragged] = useState(false);
  const latest = useRef(row);
  latest.current = row;
  useEffect(() => {
    if (!ref.current) return undefined;
    return draggable({
      element: ref.current,
      getInitialData: () => ({ row: latest.current }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, []);
  return (
    <div
      ref={ref}
      className={classes.card}
      data-picked={isPicked || undefined}
      data-dragged={isDragged || undefined}
    >
      <span className={classes.top}>
        <Link
          to={`/${kind.plural}/${row.id}`}
          draggable={false}
          className={classes.name}
          data-card={row.id}
          aria-describedby={hintId}
          onClick={onOpen}
          onKeyDown={(event) => onKey(event, row)}
        >
          {nameOf(kind, row)}
        </Link>
        <MoveMenu kind={kind} row={row} ways={ways} onMove={onMove} />
      </span>
      <Lines row={row} fields={fields} />
    </div>
  );
}
