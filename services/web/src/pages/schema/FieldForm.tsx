// SPDX-License-Identifier: Apache-2.0
// A field that is added to a kind, or another label, help and options of one.
import { Button, Group, Modal, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { act, change } from '@/api/act';
import { type Kind, useKinds } from '@/api/kinds';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { useSchemaTexts } from '@/texts/schema';
import { sayFailure } from '@/ui/toast';
import {
  type FieldDefinition,
  type FieldType,
  fieldTypes,
  inOrder,
  isChoice,
  nameFor,
  optionsToSend,
} from './definition';
import { Options } from './Options';
import { useTexts } from './pageTexts';

interface FieldFormProps {
  kind: Kind;
  /** Absent: a new one. */
  field?: FieldDefinition | undefined;
  /** The place of a new one. */
  position: number;
  onClose: () => void;
}

const flags = ['required', 'searchable', 'indexed', 'personal'] as const;
/** What the search reads, and what an index can order by. */
const textual = new Set<FieldType>(['text', 'long_text', 'email', 'phone', 'url']);

function Flags({
  draft,
  onChange,
}: {
  draft: Partial<FieldDefinition>;
  onChange: (change: Partial<FieldDefinition>) => void;
}) {
  const t = useTexts();
  const fit = flags.filter((flag) => flag !== 'searchable' || textual.has(draft.type as FieldType));
  return (
    <Stack gap="xs">
      {fit.map((flag) => (
        <Switch
          key={flag}
          label={t(flag)}
          description={t(`${flag}Hint`)}
          checked={draft[flag] === true}
          onChange={(event) => onChange({ [flag]: event.currentTarget.checked })}
        />
      ))}
    </Stack>
  );
}

/** What stays as it is once the field is there. */
function Lasting({
  draft,
  errors,
  onChange,
}: {
  draft: Partial<FieldDefinition>;
  errors: Record<string, string>;
  onChange: (change: Partial<FieldDefinition>) => void;
}) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { kinds } = useKinds();
  return (
    <>
      <TextInput
        label={t('name')}
        description={t('nameHint')}
        value={draft.name ?? ''}
        {...(errors.name ? { error: errors.name } : {})}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Select
        label={t('type')}
        description={t('typeHint')}
        allowDeselect={false}
        data={fieldTypes.map((type) => ({
          value: type,
          label: t(type === 'reference' ? 'referenceType' : type),
        }))}
        value={draft.type ?? 'text'}
        onChange={(type) => type && onChange({ type: type as FieldType })}
      />
      {draft.type === 'reference' && (
        <Select
          label={t('reference')}
          searchable
          allowDeselect={false}
          data={kinds
            .filter((kind) => !kind.in_log)
            .map((kind) => ({ value: kind.name, label: labelText(kind.label) }))}
          value={draft.reference ?? null}
          {...(errors.reference ? { error: errors.reference } : {})}
          onChange={(reference) => reference && onChange({ reference })}
        />
      )}
    </>
  );
}

const parts = ['label', 'help', 'options', ...flags] as const;

function bodyOf(
  draft: Partial<FieldDefinition>,
  before: FieldDefinition | undefined,
): Record<string, unknown> {
  const body: Record<string, unknown> = { ...draft };
  if (isChoice(draft.type)) body.options = optionsToSend(draft.options ?? []);
  else delete body.options;
  if (draft.type !== 'reference') delete body.reference;
  if (!before) return body;
  const changed = parts.filter((part) => JSON.stringify(body[part]) !== JSON.stringify(before[part]));
  return Object.fromEntries(changed.map((part) => [part, body[part] ?? null]));
}

export default function FieldForm({ kind, field, position, onClose }: FieldFormProps) {
  const t = useTexts();
  const client = useQueryClient();
  const [draft, setDraft] = useState<Partial<FieldDefinition>>(
    field
      ? { ...field, options: inOrder(field.options ?? []) }
      : { of: kind.name, type: 'text', label: '', position },
  );
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const put = (some: Partial<FieldDefinition>) => setDraft((now) => ({ ...now, ...some }));
  const relabel = (label: string) =>
    put(
      !field && (draft.name ?? '') === nameFor(draft.label ?? '')
        ? { label, name: nameFor(label) }
        : { label },
    );
  const send = async () => {
    const body = bodyOf(draft, field);
    const label = draft.label ?? '';
    if (field) await change(client, 'custom_fields', field as unknown as Row, body, label, { quiet: true });
    else
      await act(client, {
        method: 'POST',
        path: 'custom_fields',
        body,
        label,
        done: t('made', { name: label }),
        quiet: true,
      });
    await Promise.all([
      client.invalidateQueries({ queryKey: ['all', 'custom_fields'] }),
      client.invalidateQueries({ queryKey: ['kinds'] }),
    ]);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await send();
      onClose();
    } catch (error) {
      const part =
        error instanceof ApiError ? /^([a-z_]+)(?:\[\d+\])?[:.]/.exec(error.message)?.[1] : undefined;
      if (part) setErrors({ [part]: (error as ApiError).message });
      else sayFailure(error);
      setBusy(false);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={field ? t('editField', { name: field.label ?? field.name ?? '' }) : t('newField')}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <TextInput
            label={t('label')}
            required
            data-autofocus
            maxLength={100}
            value={draft.label ?? ''}
            {...(errors.label ? { error: errors.label } : {})}
            onChange={(event) => relabel(event.currentTarget.value)}
          />
          {field ? (
            <Text size="sm" c="dimmed">
              {field.name} · {t(field.type === 'reference' ? 'referenceType' : (field.type as 'text'))}
            </Text>
          ) : (
            <Lasting draft={draft} errors={errors} onChange={put} />
          )}
          {isChoice(draft.type) && (
            <Options
              options={draft.options ?? []}
              saved={new Set((field?.options ?? []).map((option) => option.name))}
              error={errors.options}
              onChange={(options) => put({ options })}
            />
          )}
          <TextInput
            label={t('help')}
            maxLength={500}
            value={draft.help ?? ''}
            onChange={(event) => put({ help: event.currentTarget.value })}
          />
          <Flags draft={draft} onChange={put} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t(field ? 'save' : 'create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
