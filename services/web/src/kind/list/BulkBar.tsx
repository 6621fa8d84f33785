// SPDX-License-Identifier: Apache-2.0
// What can be done with the rows that are selected.
import { Button, CloseButton, Group, Modal, Paper, Select, Stack, Text } from '@mantine/core';
import { IconArchive, IconPencil, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act } from '@/api/act';
import type { Field } from '@/api/kinds';
import { inWords } from '@/api/problem';
import type { Row } from '@/api/records';
import { useMay } from '@/api/session';
import { useSchemaTexts } from '@/texts/schema';
import { say } from '@/ui/toast';
import { FieldInput } from '../field/Input';
import { nameOf } from '../field/Reference';
import { isEditable, labelOf } from '../field/shape';
import { useTexts } from '../texts';
import classes from './BulkBar.module.css';
import type { Selection } from './Table';
import type { List } from './useList';

/** So many requests at once: enough to be quick, few enough that the node serves others between them. */
const AT_ONCE = 4;

async function each(
  rows: Row[],
  run: (row: Row) => Promise<unknown>,
): Promise<{ done: number; errors: unknown[] }> {
  const waiting = [...rows];
  const errors: unknown[] = [];
  let done = 0;
  const worker = async () => {
    for (let row = waiting.shift(); row; row = waiting.shift())
      try {
        await run(row);
        done++;
      } catch (error) {
        errors.push(error);
      }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { done, errors };
}

interface EditManyProps {
  fields: Field[];
  fixed?: Field | undefined;
  onApply: (field: Field, value: unknown) => void;
  onClose: () => void;
}

function EditMany({ fields, fixed, onApply, onClose }: EditManyProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const [field, setField] = useState<Field | undefined>(fixed);
  const [value, setValue] = useState<unknown>(null);
  return (
    <Modal opened onClose={onClose} title={fixed ? t('assign') : t('editField')} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (field) onApply(field, value);
          onClose();
        }}
      >
        <Stack gap="sm">
          {!fixed && (
            <Select
              data-autofocus
              searchable
              aria-label={t('editField')}
              data={fields.map((one) => ({ value: one.name, label: labelText(labelOf(one)) }))}
              value={field?.name ?? null}
              onChange={(name) => {
                setField(fields.find((one) => one.name === name));
                setValue(null);
              }}
            />
          )}
          {field && (
            <FieldInput
              key={field.name}
              field={field}
              label={labelText(labelOf(field))}
              showLabel
              value={value}
              onChange={setValue}
            />
          )}
          <Button type="submit" disabled={!field}>
            {t('apply')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

export function BulkBar({ list, selection }: { list: List; selection: Selection }) {
  const t = useTexts();
  const client = useQueryClient();
  const may = useMay();
  const [editing, setEditing] = useState<'field' | 'owner'>();
  const { kind, rows } = list;
  const chosen = rows.filter((row) => selection.ids.has(row.id));
  if (!chosen.length) return null;
  const fields = kind.fields.filter(isEditable);
  const owner = fields.find((field) => field.reference === 'users');
  const finish = async (run: (row: Row) => Promise<unknown>) => {
    const { done, errors } = await each(chosen, run);
    if (done) say(t('changedMany', { count: done }));
    if (errors.length)
      say(t('failedMany', { count: errors.length, why: inWords(errors[0]) }), { color: 'red' });
    if (!errors.length) selection.set(new Set());
    await client.invalidateQueries({ queryKey: ['list', kind.plural] });
  };
  const apply = (field: Field, value: unknown) =>
    void finish((row) =>
      act(client, {
        method: 'PATCH',
        path: `${kind.plural}/${row.id}`,
        body: { [field.name]: value },
        label: `${labelOf(field)}: ${nameOf(kind, row)}`,
        record: { plural: kind.plural, id: row.id, patch: { [field.name]: value } },
        done: null,
        quiet: true,
      }),
    );
  const archive = () =>
    void finish((row) =>
      act(client, {
        method: 'DELETE',
        path: `${kind.plural}/${row.id}`,
        label: `${t('archive')}: ${nameOf(kind, row)}`,
        done: null,
        quiet: true,
      }),
    );
  const canChange = may('change', kind.name) && !kind.internal;
  return (
    <Paper
      className={classes.bar}
      withBorder
      shadow="md"
      role="toolbar"
      aria-label={t('selected', { count: chosen.length })}
    >
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" fw={600} className={classes.count}>
          {t('selected', { count: chosen.length })}
        </Text>
        {canChange && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPencil size={14} />}
            onClick={() => setEditing('field')}
          >
            {t('editField')}
          </Button>
        )}
        {canChange && owner && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconUser size={14} />}
            onClick={() => setEditing('owner')}
          >
            {t('assign')}
          </Button>
        )}
        {may('archive', kind.name) && !kind.internal && (
          <Button
            variant="subtle"
            color="red"
            size="compact-sm"
            leftSection={<IconArchive size={14} />}
            onClick={archive}
          >
            {t('archive')}
          </Button>
        )}
        <CloseButton size="sm" aria-label={t('clearSelection')} onClick={() => selection.set(new Set())} />
      </Group>
      {editing && (
        <EditMany
          fields={fields}
          fixed={editing === 'owner' ? owner : undefined}
          onApply={apply}
          onClose={() => setEditing(undefined)}
        />
      )}
    </Paper>
  );
}
