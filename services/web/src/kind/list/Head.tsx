// SPDX-License-Identifier: Apache-2.0
// The heads of a list's columns: order by a click, the rest in a menu, width by dragging or arrows.
import { Checkbox, Menu } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconChevronDown,
  IconEyeOff,
  IconSum,
} from '@tabler/icons-react';
import type { PointerEvent } from 'react';
import type { Field } from '@/api/kinds';
import { moved } from '@/app/shell/navigation';
import { useSchemaTexts } from '@/texts/schema';
import { isFigure, isSummed, labelOf, shapeOf } from '../field/shape';
import { useTexts } from '../texts';
import { isOrderable, nextOrder, printOrder, readOrder } from './state';
import type { Selection } from './Table';
import classes from './Table.module.css';
import type { List } from './useList';

interface HeadProps {
  list: List;
  widths: number[];
  template: string;
  minWidth: number;
  setWidth: (name: string, width: number) => void;
  sums: ReadonlySet<string>;
  toggleSum: (name: string) => void;
  selection: Selection;
}

/** What the node does not order by is ordered here, when all rows are. */
const canOrder = (list: List, field: Field) => isOrderable(list.kind, field) || list.isWhole;

function Resize({ label, width, set }: { label: string; width: number; set: (width: number) => void }) {
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const from = event.clientX;
    const target = event.currentTarget;
    target.setPointerCapture(event.pointerId);
    const move = (next: globalThis.PointerEvent) => set(width + next.clientX - from);
    const end = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', end);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', end);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={60}
      aria-valuemax={900}
      tabIndex={0}
      className={classes.resize}
      onPointerDown={drag}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowRight' ? 16 : event.key === 'ArrowLeft' ? -16 : 0;
        if (!step) return;
        event.preventDefault();
        event.stopPropagation();
        set(width + step);
      }}
    />
  );
}

interface ColumnProps extends Pick<HeadProps, 'list' | 'sums' | 'toggleSum'> {
  field: Field;
  index: number;
}

/** The name of a column: pressed it orders the list by it, with Shift below what orders it already. */
function OrderButton({ list, field }: Pick<ColumnProps, 'list' | 'field'>) {
  const { labelText } = useSchemaTexts();
  const { state, set } = list;
  const orders = readOrder(state.order);
  const level = orders.findIndex((one) => one.field === field.name);
  const Sign = orders[level]?.desc ? IconArrowDown : IconArrowUp;
  return (
    <button
      type="button"
      className={classes.headButton}
      disabled={!canOrder(list, field)}
      onClick={(event) => set({ order: printOrder(nextOrder(orders, field.name, event.shiftKey)) })}
    >
      <span className={classes.headLabel}>{labelText(labelOf(field))}</span>
      {level >= 0 && <Sign size={13} className={classes.headSign} />}
      {level >= 0 && orders.length > 1 && (
        <span className={classes.headLevel} aria-hidden>
          {level + 1}
        </span>
      )}
    </button>
  );
}

function ColumnMenu({ list, field, index, sums, toggleSum }: ColumnProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { state, set } = list;
  const orders = readOrder(state.order);
  const isMine = orders.some((one) => one.field === field.name);
  const move = (to: number) => set({ columns: moved(state.columns, index, to) });
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <button
          type="button"
          className={classes.headMenu}
          aria-label={t('columnMenu', { column: labelText(labelOf(field)) })}
        >
          <IconChevronDown size={12} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {canOrder(list, field) && (
          <>
            <Menu.Item
              leftSection={<IconArrowUp size={14} />}
              onClick={() => set({ order: printOrder([{ field: field.name, desc: false }]) })}
            >
              {t('sortUp')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown size={14} />}
              onClick={() => set({ order: printOrder([{ field: field.name, desc: true }]) })}
            >
              {t('sortDown')}
            </Menu.Item>
            {isMine && <Menu.Item onClick={() => set({ order: '' })}>{t('unsort')}</Menu.Item>}
            <Menu.Divider />
          </>
        )}
        {isSummed(shapeOf(field)) && (
          <Menu.Item
            leftSection={<IconSum size={14} />}
            rightSection={
              <Checkbox size="xs" checked={sums.has(field.name)} readOnly tabIndex={-1} aria-hidden />
            }
            onClick={() => toggleSum(field.name)}
          >
            {t('sum')}
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconArrowLeft size={14} />}
          disabled={index === 0}
          onClick={() => move(index - 1)}
        >
          {t('moveLeft')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowRight size={14} />}
          disabled={index === state.columns.length - 1}
          onClick={() => move(index + 1)}
        >
          {t('moveRight')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconEyeOff size={14} />}
          disabled={state.columns.length === 1}
          onClick={() => set({ columns: state.columns.filter((name) => name !== field.name) })}
        >
          {t('hideColumn')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function Head({ list, widths, template, minWidth, setWidth, sums, toggleSum, selection }: HeadProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { columns, rows, state } = list;
  const [order] = readOrder(state.order);
  const all = rows.length > 0 && rows.every((row) => selection.ids.has(row.id));
  return (
    <div role="rowgroup" className={classes.headGroup}>
      <div
        role="row"
        aria-rowindex={1}
        className={classes.head}
        style={{ gridTemplateColumns: template, minWidth }}
      >
        <div role="columnheader" className={classes.check}>
          <Checkbox
            size="xs"
            aria-label={t('selectAll')}
            checked={all}
            indeterminate={!all && selection.ids.size > 0}
            onChange={() => selection.set(all ? new Set() : new Set(rows.map((row) => row.id)))}
          />
        </div>
        {columns.map((field, index) => (
          <div
            key={field.name}
            role="columnheader"
            className={classes.headCell}
            data-figure={isFigure(shapeOf(field)) || undefined}
            aria-sort={order?.field !== field.name ? 'none' : order.desc ? 'descending' : 'ascending'}
          >
            <OrderButton list={list} field={field} />
            <ColumnMenu list={list} field={field} index={index} sums={sums} toggleSum={toggleSum} />
            <Resize
              label={t('resize', { column: labelText(labelOf(field)) })}
              width={widths[index] ?? 0}
              set={(width) => setWidth(field.name, width)}
            />
          </div>
        ))}
      </div>
    </div>
  );
}
