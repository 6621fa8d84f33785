// SPDX-License-Identifier: Apache-2.0
// A new record of any kind.
import { Button, Checkbox, Fieldset, Group, Modal, Skeleton, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { act } from '@/api/act';
import { type Field, type Kind, useKinds } from '@/api/kinds';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { useUserId } from '@/api/session';
import { later } from '@/app/offline/later';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { sayFailure } from '@/ui/toast';
import { useUnsaved } from '@/ui/unsaved';
import { FieldInput } from '../field/Input';
import { labelOf, shapeOf } from '../field/shape';
import { isEmpty } from '../field/Value';
import { useTexts } from '../texts';

const FilterBuilder = later(() => import('../filter/FilterBuilder'));

/** What a form asks first; the rest follows when somebody wants more. */
export function formFields(kind: Kind): { first: Field[]; more: Field[] } {
  const all = kind.fields.filter((field) => !field.read_only && shapeOf(field) !== 'id');
  const isFirst = (field: Field, index: number) =>
    field.required || field.name === kind.title || field.name === kind.customer || index < 8;
  return { first: all.filter(isFirst), more: all.filter((field, index) => !isFirst(field, index)) };
}

/** The field that a complaint of the node begins with: "emails: an address is wanted". */
export const fieldAtFault = (kind: Kind, detail: string | undefined): string | undefined => {
  const name = /^(\w+)[:.[ ]/.exec(detail ?? '')?.[1];
  return kind.fields.some((field) => field.name === name) ? name : undefined;
};

/** Fields whose text is a filter over records of another kind. */
const filtersOver: Record<string, string> = { 'segment.filter': 'customers' };

interface FilterInputProps {
  /** What is filtered. */
  over: Kind;
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function FilterInput({ over, label, value, error, onChange }: FilterInputProps) {
  return (
    <Fieldset legend={label} p="sm">
      <Suspense fallback={<Skeleton h={72} />}>
        <FilterBuilder kind={over} text={value} onChange={onChange} problem={error} />
      </Suspense>
    </Fieldset>
  );
}

interface CreateFormProps {
  kind: Kind;
  onClose: () => void;
  /** Values that are given: the customer on whose page one is. */
  given?: Record<string, unknown>;
  /** Instead of opening the new record. */
  onMade?: (row: Row) => void;
}

export default function CreateForm({ kind, onClose, given = {}, onMade }: CreateFormProps) {
  const t = useTexts();
  const { labelText, innerLabel } = useSchemaTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const user = useUserId();
  const book = useKinds();
  const owner = kind.fields.find((field) => field.name === 'owner' && field.reference === 'users');
  const begin: Record<string, unknown> = {
    ...(owner && !owner.read_only && user ? { owner: user } : {}),
    ...given,
  };
  const [values, setValues] = useState<Record<string, unknown>>(begin);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [hasMore, setMore] = useState(false);
  const [another, setAnother] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const { first, more } = formFields(kind);
  const label = innerLabel(kind.label);
  const guard = useUnsaved(
    Object.entries(values).some(([name, value]) => !isEmpty(value) && value !== begin[name]),
    { isDialog: true },
  );
  const close = () => guard.leave(onClose);

  const missing = () => {
    const wanted = kind.fields.filter(
      (field) => field.required && !field.read_only && isEmpty(values[field.name]),
    );
    setErrors(Object.fromEntries(wanted.map((field) => [field.name, t('required')])));
    return wanted.length > 0;
  };
  const submit = async () => {
    if (missing()) return;
    setBusy(true);
    try {
      const body = Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
      const made = await act<Row>(client, {
        method: 'POST',
        path: kind.plural,
        body,
        label: t('newOf', { kind: label }),
        done: t('made', { kind: labelText(kind.label) }),
        quiet: true,
      });
      await client.invalidateQueries({ queryKey: ['list', kind.plural] });
      if (another) {
        setValues(begin);
        return;
      }
      guard.release();
      onClose();
      if (made && onMade) onMade(made);
      else if (made) await navigate({ to: `/${kind.plural}/${made.id}` });
    } catch (error) {
      const name = error instanceof ApiError ? fieldAtFault(kind, error.problem.detail) : undefined;
      if (name) setErrors({ [name]: (error as ApiError).message });
      else sayFailure(error);
    } finally {
      setBusy(false);
    }
  };
  useActions({ 'form.save': isBusy ? undefined : () => void submit() });
  const overOf = (field: Field) => book.byPlural(filtersOver[`${kind.name}.${field.name}`] ?? '');
  const input = (field: Field, index: number) => {
    const over = overOf(field);
    if (over)
      return (
        <FilterInput
          key={field.name}
          over={over}
          label={labelText(labelOf(field))}
          value={String(values[field.name] ?? '')}
          error={errors[field.name]}
          onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
        />
      );
    return plainInput(field, index);
  };
  const plainInput = (field: Field, index: number) => (
    <FieldInput
      key={field.name}
      field={field}
      label={labelText(labelOf(field))}
      showLabel
      autoFocus={index === 0}
      required={!!field.required}
      value={values[field.name]}
      error={errors[field.name]}
      onChange={(value) => setValues((now) => ({ ...now, [field.name]: value }))}
    />
  );
  return (
    <Modal
      opened
      onClose={close}
      title={t('newOf', { kind: label })}
      size={kind.fields.some(overOf) ? 720 : 560}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Stack gap="sm">
          {first.map(input)}
          {hasMore && more.map((field) => input(field, 1))}
          {!hasMore && more.length > 0 && (
            <Button variant="subtle" w="fit-content" size="compact-xs" onClick={() => setMore(true)}>
              {t('more')}
            </Button>
          )}
          <Group justify="space-between" mt="xs">
            <Checkbox
              label={t('makeAnother')}
              checked={another}
              onChange={(event) => setAnother(event.currentTarget.checked)}
            />
            <Group gap="xs">
              <Button variant="default" onClick={close}>
                {t('cancel')}
              </Button>
              <Button type="submit" loading={isBusy}>
                {t('save')}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
      {guard.question}
    </Modal>
  );
}
