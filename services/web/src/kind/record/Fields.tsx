// SPDX-License-Identifier: Apache-2.0
// Fields of a record with their values: edited where they stand, with who wrote what, and with what
// others have written at the same time.
import { ActionIcon, Button, Group, Popover, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconHistory } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, Suspense, useState } from 'react';
import type { Field, Kind } from '@/api/kinds';
import { type Change, changesQuery, type Row } from '@/api/records';
import { useMayWith } from '@/api/session';
import { later } from '@/app/offline/later';
import { useSchemaTexts } from '@/texts/schema';
import { formatAgo, useForms } from '@/ui/format';
import { InlineEdit } from '../field/lazyEdit';
import { isEditable, labelOf, shapeOf } from '../field/shape';
import { isEmpty, Value } from '../field/Value';
import { usePast } from '../past/moment';
import { SinceThen } from '../past/SinceThen';
import { useSaveField } from '../save';
import { useTexts } from '../texts';
import classes from './Fields.module.css';
import { Actor, FieldHistory } from './History';
import { usePlan } from './layout';

/** Whether anything of the record may be written, by who looks and now. */
function useCanWrite(kind: Kind, row: Row): boolean {
  const past = usePast();
  const may = useMayWith();
  return !past && !kind.internal && may('change', kind, row);
}

interface FieldRowProps {
  kind: Kind;
  row: Row;
  field: Field;
  /** The label above the value. */
  stacked?: boolean;
}

/** By whom, as far as the log says. */
const Writer = ({ change }: { change: Change | undefined }) =>
  change && (
    <>
      <Actor change={change} /> ·
    </>
  );

function Conflict({ kind, row, field }: FieldRowProps) {
  const t = useTexts();
  useForms();
  const save = useSaveField(kind);
  const canWrite = useCanWrite(kind, row);
  const [isOpen, setOpen] = useState(false);
  const values = row.conflicts?.[field.name] ?? [];
  const { data: changes } = useQuery({ ...changesQuery(kind.plural, row.id), enabled: isOpen });
  const by = (position: string | undefined) => changes?.find((change) => change.position === position);
  return (
    <Popover width={320} position="bottom-start" opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <UnstyledButton className={classes.conflict} onClick={() => setOpen(!isOpen)}>
          <IconAlertTriangle size={13} /> {values.length} {t('conflicts')}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm">{t('conflict')}</Text>
          {values.map((one, index) => (
            <Group key={one.position ?? index} justify="space-between" wrap="nowrap">
              <div style={{ minWidth: 0 }}>
                <Value field={field} value={one.value} plain whole />
                <Text size="xs" c="dimmed" title={one.position}>
                  <Writer change={by(one.position)} /> {one.node}, {formatAgo(one.at)}
                  {index === 0 && ` · ${t('chosen')}`}
                </Text>
              </div>
              {canWrite && !field.read_only && (
                <Button
                  variant="default"
                  size="compact-xs"
                  // Writing the value that counts already settles it, too.
                  onClick={() => save({ ...row, [field.name]: undefined }, field, one.value)}
                >
                  {t('choose')}
                </Button>
              )}
            </Group>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Of the many on a page few are ever opened: until then it is a button and nothing else. */
function HistoryButton({ kind, row, field, label }: FieldRowProps & { label: string }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState<boolean>();
  const written = row.fields?.[field.name];
  const button = (
    <ActionIcon
      size={24}
      className={classes.history}
      aria-label={t('historyOf', { field: label })}
      title={written ? `${written.node}, ${formatAgo(written.at)}` : t('historyOf', { field: label })}
      onClick={() => setOpen(!isOpen)}
    >
      <IconHistory size={13} />
    </ActionIcon>
  );
  if (isOpen === undefined) return button;
  return (
    <Popover opened={isOpen} onChange={setOpen} width={360} position="bottom-end">
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown>{isOpen && <FieldHistory kind={kind} id={row.id} field={field} />}</Popover.Dropdown>
    </Popover>
  );
}

export function FieldRow({ kind, row, field, stacked = false }: FieldRowProps) {
  const t = useTexts();
  const past = usePast();
  const { labelText } = useSchemaTexts();
  const [isEditing, setEditing] = useState(false);
  const save = useSaveField(kind);
  const value = row[field.name];
  const label = labelText(labelOf(field));
  const canWrite = useCanWrite(kind, row);
  const canEdit = canWrite && isEditable(field);
  const isBig = shapeOf(field) === 'paragraphs' || (shapeOf(field) === 'set' && field.type === 'object');
  const shown = isEmpty(value) ? (
    <span className={classes.nothing}>{canEdit ? t('empty_value') : '–'}</span>
  ) : (
    <Value field={field} value={value} whole />
  );
  return (
    <div
      className={classes.row}
      data-big={isBig || undefined}
      data-stacked={stacked || undefined}
      data-field={field.name}
    >
      {field.help ? (
        <Tooltip label={field.help}>
          <div className={classes.label}>{label}</div>
        </Tooltip>
      ) : (
        <div className={classes.label}>{label}</div>
      )}
      <div className={classes.value}>
        {isEditing ? (
          <Suspense fallback={<div className={classes.shown}>{shown}</div>}>
            <InlineEdit
              field={field}
              value={value}
              label={label}
              onSave={(next) => save(row, field, next)}
              onClose={() => setEditing(false)}
            />
          </Suspense>
        ) : canEdit ? (
          // A value may hold a link of its own, so the way to edit is a button beside it for keys.
          <div className={classes.editable}>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the button beside it does the same */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button beside it does the same */}
            <div className={classes.shown} onClick={(event) => !isLink(event.target) && setEditing(true)}>
              {shown}
            </div>
            <UnstyledButton
              className={classes.edit}
              data-edit
              aria-label={`${t('edit')}: ${label}`}
              onClick={() => setEditing(true)}
            />
          </div>
        ) : (
          <div className={classes.shown}>{shown}</div>
        )}
        {!past && (row.conflicts?.[field.name]?.length ?? 0) > 1 && (
          <Conflict kind={kind} row={row} field={field} />
        )}
        <SinceThen row={row} field={field} />
      </div>
      <HistoryButton kind={kind} row={row} field={field} label={label} />
    </div>
  );
}

const isLink = (target: EventTarget) => target instanceof Element && target.closest('a') !== null;

/** Whether a field stands in the page without being named: the name is its title, and what `without` has is elsewhere. */
export const isInRest = (kind: Kind, field: Field, without: readonly string[]) =>
  field.name !== kind.title && !without.includes(field.name);

/** Whether there is something to see of a field, or to write. */
export function useIsShown(kind: Kind, row: Row): (field: Field) => boolean {
  const past = usePast();
  const canWrite = useCanWrite(kind, row);
  return (field) =>
    field.name !== 'archived' &&
    shapeOf(field) !== 'id' &&
    (!isEmpty(row[field.name]) || !isEmpty(past?.now[field.name]) || (canWrite && isEditable(field)));
}

interface FieldsProps {
  kind: Kind;
  row: Row;
  /** Names, in order; default: all that have a value or can get one. */
  names?: string[];
  /** Names of those that stand elsewhere on the page. */
  without?: string[];
  /** In place of one field's row. */
  instead?: Record<string, ReactNode>;
}

/** So many fields without a value are shown among the others; more are asked for. */
const EMPTY_MAX = 4;

/** Fields one below the other, for the side of a record page. */
export function Fields({ kind, row, names, without = [], instead = {} }: FieldsProps) {
  const t = useTexts();
  const past = usePast();
  const isShown = useIsShown(kind, row);
  const [hasAll, setAll] = useState(false);
  const fields = names
    ? names.flatMap((name) => kind.fields.filter((field) => field.name === name))
    : kind.fields.filter((field) => isInRest(kind, field, without) && isShown(field));
  const isBare = (field: Field) => isEmpty(row[field.name]) && isEmpty(past?.now[field.name]);
  const empty = names ? [] : fields.filter((field) => isBare(field) && !instead[field.name]);
  const hidden = new Set(hasAll || empty.length <= EMPTY_MAX ? [] : empty);
  return (
    <div>
      {fields
        .filter((field) => !hidden.has(field))
        .map(
          (field) => instead[field.name] ?? <FieldRow key={field.name} kind={kind} row={row} field={field} />,
        )}
      {hidden.size > 0 && (
        <Button variant="subtle" color="gray" size="compact-xs" mt={6} onClick={() => setAll(true)}>
          {t('emptyFields', { count: hidden.size })}
        </Button>
      )}
    </div>
  );
}

const Laid = later(() => import('./Laid'));

/** All fields of a record: by the layout of its kind, or one below the other. */
export function RecordFields({ kind, row, without = [] }: Pick<FieldsProps, 'kind' | 'row' | 'without'>) {
  const plan = usePlan(kind);
  if (plan === null) return null;
  if (!plan) return <Fields kind={kind} row={row} without={without} />;
  return (
    <Suspense>
      <Laid kind={kind} row={row} plan={plan} without={without} />
    </Suspense>
  );
}
