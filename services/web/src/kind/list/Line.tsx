// SPDX-License-Identifier: Apache-2.0
// One row of a list and its cells. Drawn anew only when something of it changes: what is scrolled past is not.
import { memo, Suspense } from 'react';
import type { Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { labelText } from '@/texts/schema';
import { Face, Tick } from '@/ui/light';
import { InlineEdit } from '../field/lazyEdit';
import { nameOf } from '../field/Reference';
import { isEditable, isFigure, labelOf, shapeOf } from '../field/shape';
import { Value, valueAsText } from '../field/Value';
import { useTexts } from '../texts';
import classes from './Table.module.css';

interface CellProps {
  row: Row;
  field: Field;
  kind: Kind;
  isTitle: boolean;
  isEditing: boolean;
  isActive: boolean;
  rowIndex: number;
  column: number;
  edit: (row: number, column: number) => void;
  activate: (row: number, column: number) => void;
  done: () => void;
  onOpen: (row: Row) => void;
  onSave: (row: Row, field: Field, value: unknown) => void;
  /** Whether this person may write the record. */
  canWrite: boolean;
}

/** Kinds whose records are people or have some. */
const hasFaces = (kind: Kind) => kind.plural === 'customers' || kind.plural === 'users';

const Cell = memo(function Cell(props: CellProps) {
  const { row, field, kind, isTitle, isEditing, isActive, rowIndex, column } = props;
  const label = labelText(labelOf(field));
  const isConflicted = (row.conflicts?.[field.name]?.length ?? 0) > 1;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
    <div
      role="gridcell"
      aria-colindex={column + 2}
      tabIndex={-1}
      className={classes.cell}
      data-figure={isFigure(shapeOf(field)) || undefined}
      data-active={isActive || undefined}
      data-editing={isEditing || undefined}
      data-conflict={isConflicted || undefined}
      data-title={isTitle || undefined}
      onClick={(event) => {
        if (!isTitle) return props.activate(rowIndex, column);
        // With these the browser opens the link beside the page.
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        props.onOpen(row);
      }}
      onDoubleClick={() => props.canWrite && isEditable(field) && !isTitle && props.edit(rowIndex, column)}
    >
      {isEditing ? (
        <Suspense fallback={<Value field={field} value={row[field.name]} plain />}>
          <InlineEdit
            field={field}
            value={row[field.name]}
            label={label}
            onSave={(value) => props.onSave(row, field, value)}
            onClose={props.done}
          />
        </Suspense>
      ) : isTitle ? (
        <>
          {hasFaces(kind) && <Face name={nameOf(kind, row)} size={22} />}
          <a href={`/${kind.plural}/${row.id}`} tabIndex={-1} className={classes.title}>
            {valueAsText(field, row[field.name]) || nameOf(kind, row)}
          </a>
        </>
      ) : (
        <Value field={field} value={row[field.name]} plain={field.reference === 'users'} />
      )}
    </div>
  );
});

interface LineProps {
  kind: Kind;
  row: Row;
  columns: Field[];
  template: string;
  /** Among the rows of the list. */
  index: number;
  /** Where it stands, in pixels. */
  start: number;
  height: number;
  isSelected: boolean;
  isActive: boolean;
  /** The active cell, if the row is the active one; else -1. */
  column: number;
  isEditing: boolean;
  canWrite: boolean;
  check: (id: string) => void;
  edit: (row: number, column: number) => void;
  activate: (row: number, column: number) => void;
  done: () => void;
  onOpen: (row: Row) => void;
  onSave: (row: Row, field: Field, value: unknown) => void;
}

export const Line = memo(function Line(props: LineProps) {
  const t = useTexts();
  const { kind, row, columns, index, start, isSelected, isActive, column, isEditing, canWrite } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      className={classes.row}
      data-active={isActive || undefined}
      data-archived={row.archived === true || undefined}
      style={{
        transform: `translateY(${start}px)`,
        height: props.height,
        gridTemplateColumns: props.template,
      }}
    >
      <div role="gridcell" className={classes.check}>
        <Tick
          label={`${t('selectRow')}: ${nameOf(kind, row)}`}
          isTicked={isSelected}
          onChange={() => props.check(row.id)}
        />
      </div>
      {columns.map((field, at) => (
        <Cell
          key={field.name}
          row={row}
          field={field}
          kind={kind}
          isTitle={field.name === kind.title || (!kind.title && at === 0)}
          isActive={at === column}
          isEditing={isEditing && at === column}
          rowIndex={index}
          column={at}
          edit={props.edit}
          activate={props.activate}
          done={props.done}
          onOpen={props.onOpen}
          onSave={props.onSave}
          canWrite={canWrite}
        />
      ))}
    </div>
  );
});
