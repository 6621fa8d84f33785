// SPDX-License-Identifier: Apache-2.0
// Fields and what goes into them.
import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { Field } from '@/api/kinds';
import { labelOf } from '@/kind/field/shape';
import { useSchemaTexts } from '@/texts/schema';
import classes from './Editor.module.css';
import type { StepValue } from './plan';
import { useTexts } from './texts';
import { ValueInput } from './ValueInput';

interface ValuesInputProps {
  label: string;
  /** Those that may be written; undefined: what there is is not known at this node. */
  fields: Field[] | undefined;
  /** Name of the kind that values come from. */
  kind: string;
  values: StepValue[];
  error?: string | undefined;
  /** Which one the error is about; absent: all. */
  errorAt?: number | undefined;
  onChange: (values: StepValue[]) => void;
}

export function ValuesInput({ label, fields, kind, values, error, errorAt, onChange }: ValuesInputProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const used = new Set(values.map((value) => value.field));
  const put = (at: number, change: Partial<StepValue>) =>
    onChange(values.map((value, index) => (index === at ? { ...value, ...change } : value)));
  const next =
    fields?.find((field) => field.required && !used.has(field.name)) ??
    fields?.find((field) => !used.has(field.name));
  return (
    <Input.Wrapper label={label} labelElement="div" {...(error && errorAt === undefined ? { error } : {})}>
      <Stack gap={8} mt={4} mb={error ? 4 : 0}>
        {values.map((value, at) => {
          const field = fields?.find((one) => one.name === value.field);
          const name = field ? labelText(labelOf(field)) : value.field;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a field that is being chosen has no name yet
            <div key={at} className={classes.value}>
              {fields ? (
                <Select
                  searchable
                  allowDeselect={false}
                  aria-label={t('field')}
                  data={fields
                    .filter((one) => one.name === value.field || !used.has(one.name))
                    .map((one) => ({ value: one.name, label: labelText(labelOf(one)) }))}
                  value={value.field}
                  onChange={(chosen) => chosen && put(at, { field: chosen, value: '' })}
                />
              ) : (
                <TextInput
                  aria-label={t('field')}
                  value={value.field}
                  onChange={(event) => put(at, { field: event.currentTarget.value })}
                />
              )}
              <Group gap={2} wrap="nowrap">
                <ValueInput
                  key={value.field}
                  field={field}
                  hideLabel
                  label={name || t('value')}
                  kind={kind}
                  value={value.value}
                  error={errorAt === at ? error : undefined}
                  onChange={(said) => put(at, { value: said })}
                />
                <ActionIcon
                  aria-label={t('removeField', { name })}
                  onClick={() => onChange(values.filter((_, index) => index !== at))}
                >
                  <IconX size={14} />
                </ActionIcon>
              </Group>
            </div>
          );
        })}
        <Button
          variant="subtle"
          size="compact-xs"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          disabled={!!fields && !next}
          onClick={() => onChange([...values, { field: next?.name ?? '', value: '' }])}
        >
          {t('addField')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
