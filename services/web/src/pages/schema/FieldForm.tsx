// SPDX-License-Identifier: Apache-2.0
// A field that is added to a kind, or another label, help and options of one.
import { Button, Group, Modal, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { act, change } from '@/api/act';
import { type Kind, useKinds } from '@/api/kinds';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { FieldInput } from '@/kind/field/Input';
import { useSchemaTexts } from '@/texts/schema';
import { sayFailure } from '@/ui/toast';
import { useUnsaved } from '@/ui/unsaved';
import {
  canBeUnique,
  canIndex,
  type FieldDefinition,
  type FieldType,
  fieldTypes,
  inOrder,
  isChoice,
  nameFor,
  optionsToSend,
  presetField,
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

const flags = ['required', 'searchable', 'indexed', 'unique', 'personal'] as const;
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
  const fits = {
    searchable: textual.has(draft.type as FieldType),
    indexed: canIndex(draft.type),
    unique: canBeUnique(draft.type),
    required: true,
    personal: true,
  };
  // One needs the other, and the node would only say so.
  const set = (flag: (typeof flags)[number], on: boolean) => {
    if (flag === 'unique' && on) onChange({ unique: true, indexed: true, preset: '' });
    else if (flag === 'indexed' && !on) onChange({ indexed: false, unique: false });
    else onChange({ [flag]: on });
  };
  return (
    <Stack gap="xs">
      {flags
        .filter((flag) => fits[flag])
        .map((flag) => (
          <Switch
            key={flag}
            label={t(flag)}
            description={t(`${flag}Hint`)}
            checked={draft[flag] === true}
            onChange={(event) => set(flag, event.currentTarget.checked)}
          />
        ))}
    </Stack>
  );
}

/** What a record holds that is made without the field. */
function Preset({
  draft,
  error,
  onChange,
}: {
  draft: Partial<FieldDefinition>;
  error: string | undefined;
  onChange: (change: Partial<FieldDefinition>) => void;
}) {
  const t = useTexts();
  const field = presetField(draft);
  if (!field || draft.unique) return null;
  const now = draft.preset || null;
  if (draft.type === 'yes_no')
    return (
      <Select
        label={t('preset')}
        description={t('presetHint')}
        clearable
        data={[
          { value: 'true', label: t('yes') },
          { value: 'false', label: t('no') },
        ]}
        value={now}
        {...(error ? { error } : {})}
        onChange={(preset) => onChange({ preset: preset ?? '' })}
      />
    );
  return (
    <FieldInput
      key={`${draft.type} ${draft.scale ?? 0}`}
      field={field}
      label={t('preset')}
      showLabel
      value={now}
      error={error}
      onChange={(preset) =>
        onChange({ preset: preset === null || preset === undefined ? '' : String(preset) })
      }
    />
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
        onChange={(type) => type && onChange({ ...fresh, type: type as FieldType })}
      />
      {draft.type === 'decimal' && (
        <NumberInput
          label={t('scale')}
          description={t('typeHint')}
          min={0}
          max={9}
          allowDecimal={false}
          value={draft.scale ?? 0}
          {...(errors.scale ? { error: errors.scale } : {})}
          onChange={(scale) => onChange({ scale: Number(scale) || 0, preset: '' })}
        />
      )}
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

/** What another type cannot keep of the one that was chosen before. */
const fresh = { preset: '', indexed: false, unique: false, searchable: false, scale: 2 };

const parts = ['label', 'help', 'options', 'preset', ...flags] as const;

function bodyOf(
  draft: Partial<FieldDefinition>,
  before: FieldDefinition | undefined,
): Record<string, unknown> {
  const body: Record<string, unknown> = { ...draft };
  if (isChoice(draft.type)) body.options = optionsToSend(draft.options ?? []);
  else delete body.options;
  if (draft.type !== 'reference') delete body.reference;
  if (draft.type !== 'decimal') delete body.scale;
  if (!draft.preset) delete body.preset;
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
  const [isTouched, setTouched] = useState(false);
  const guard = useUnsaved(isTouched, { isDialog: true });
  const close = () => guard.leave(onClose);
  const put = (some: Partial<FieldDefinition>) => {
    setTouched(true);
    setDraft((now) => ({ ...now, ...some }));
  };
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
      guard.release();
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
      onClose={close}
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
          <Preset draft={draft} error={errors.preset} onChange={put} />
          <Flags draft={draft} onChange={put} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t(field ? 'save' : 'create')}
            </Button>
          </Group>
        </Stack>
      </form>
      {guard.question}
    </Modal>
  );
}
