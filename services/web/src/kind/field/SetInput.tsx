// SPDX-License-Identifier: Apache-2.0
// Several values, or one value of several parts: a row for each, a field for each part.
import { ActionIcon, Button, Group, Input, Stack } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { Field } from '@/api/kinds';
import { useSchemaTexts } from '@/texts/schema';
import { useTexts } from '../texts';
import { FieldInput, type InputProps } from './Input';
import { labelOf } from './shape';

type Parts = Record<string, unknown>;

function PartsInput({
  field,
  value,
  onChange,
}: {
  field: Field;
  value: Parts;
  onChange: (value: Parts) => void;
}) {
  const { labelText } = useSchemaTexts();
  return (
    <Group gap={4} grow preventGrowOverflow={false} style={{ flex: 1 }}>
      {(field.fields ?? []).map((part) => (
        <FieldInput
          key={part.name}
          field={part}
          label={labelText(labelOf(part))}
          showLabel={part.type === 'bool'}
          value={value[part.name]}
          onChange={(next) => {
            const { [part.name]: _, ...others } = value;
            onChange(next === null || next === undefined ? others : { ...others, [part.name]: next });
          }}
        />
      ))}
    </Group>
  );
}

export function SetInput({ field, value, onChange, label, showLabel }: InputProps) {
  const t = useTexts();
  const one = { ...field, repeated: false };
  if (!field.repeated)
    return (
      <Input.Wrapper {...(showLabel ? { label } : {})}>
        <PartsInput field={field} value={(value as Parts | undefined) ?? {}} onChange={onChange} />
      </Input.Wrapper>
    );
  const all = (value as unknown[] | undefined) ?? [];
  const put = (index: number, next: unknown) =>
    onChange(all.map((other, at) => (at === index ? next : other)));
  return (
    <Input.Wrapper {...(showLabel ? { label } : {})}>
      <Stack gap={4}>
        {all.map((element, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an element that is being typed has no name yet
          <Group key={index} gap={4} wrap="nowrap" align="flex-start">
            {field.type === 'object' ? (
              <PartsInput field={one} value={element as Parts} onChange={(next) => put(index, next)} />
            ) : (
              <div style={{ flex: 1 }}>
                <FieldInput field={one} label={label} value={element} onChange={(next) => put(index, next)} />
              </div>
            )}
            <ActionIcon
              aria-label={t('remove')}
              onClick={() => onChange(all.filter((_, at) => at !== index))}
            >
              <IconX size={14} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="subtle"
          size="compact-xs"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...all, field.type === 'object' ? {} : ''])}
        >
          {t('add')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
