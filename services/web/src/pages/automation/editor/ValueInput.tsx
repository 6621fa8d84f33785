// SPDX-License-Identifier: Apache-2.0
// What goes into a field when a step is done: chosen where there is a list, else a text with values in it.
import { ActionIcon, Group, Select } from '@mantine/core';
import { IconBraces, IconList } from '@tabler/icons-react';
import { useState } from 'react';
import type { Field } from '@/api/kinds';
import { choicesOf } from '@/kind/field/choice';
import { FieldInput } from '@/kind/field/Input';
import { elementShape } from '@/kind/field/shape';
import { hasHole } from './holes';
import { TemplateInput } from './TemplateInput';
import { useTexts } from './texts';

interface ValueInputProps {
  /** Of the schema; absent: not known at this node, so it is text. */
  field: Field | undefined;
  label: string;
  hideLabel?: boolean;
  kind: string;
  value: string;
  error?: string | undefined;
  onChange: (value: string) => void;
}

/** The text that the API takes, from what an input gives. */
const asText = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);

function fromText(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function Chooser({ field, label, hideLabel, value, error, onChange }: ValueInputProps & { field: Field }) {
  const t = useTexts();
  const shape = elementShape(field);
  const common = { ...(hideLabel ? { 'aria-label': label } : { label }), ...(error ? { error } : {}) };
  if (shape === 'bool')
    return (
      <Select
        {...common}
        data={[
          { value: 'true', label: t('yes') },
          { value: 'false', label: t('no') },
        ]}
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  if (shape === 'enum')
    return (
      <Select
        {...common}
        data={choicesOf(field, value)}
        value={value || null}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  return (
    <FieldInput
      field={field}
      label={label}
      showLabel={!hideLabel}
      value={shape === 'money' ? fromText(value) : value || null}
      error={error}
      onChange={(next) => onChange(asText(next))}
    />
  );
}

const chosen = new Set(['bool', 'enum', 'reference', 'money', 'country', 'currency', 'language', 'kind']);

export function ValueInput(props: ValueInputProps) {
  const { field, value } = props;
  const t = useTexts();
  const [wantsText, setWantsText] = useState(false);
  const canChoose = !!field && !field.repeated && chosen.has(elementShape(field));
  const isText = !canChoose || wantsText || hasHole(value);
  const description = field?.repeated ? t('setHint') : undefined;
  return (
    <Group gap={4} wrap="nowrap" align="flex-end" style={{ flex: 1, minWidth: 0 }}>
      <div style={{ flex: 1, minWidth: 0 }}>
        {isText ? (
          <TemplateInput {...props} description={description} />
        ) : (
          <Chooser {...props} field={field} />
        )}
      </div>
      {canChoose && (
        <ActionIcon
          aria-label={`${props.label}: ${t(isText ? 'asChoice' : 'asText')}`}
          title={t(isText ? 'asChoice' : 'asText')}
          onClick={() => {
            if (isText && hasHole(value)) props.onChange('');
            setWantsText(!isText);
          }}
        >
          {isText ? <IconList size={14} /> : <IconBraces size={14} />}
        </ActionIcon>
      )}
    </Group>
  );
}
