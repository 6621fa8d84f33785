// SPDX-License-Identifier: Apache-2.0
// One value of a field, to be typed or chosen. What it gives is what the API takes; null: no value.
import {
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { type Field, useKinds } from '@/api/kinds';
import { preferences } from '@/app/preferences';
import { labelText, useSchemaTexts } from '@/texts/schema';
import { parseDecimal, typedDecimal } from '@/ui/decimal';
import {
  countryName,
  formatDuration,
  formatMeasure,
  forms,
  languageName,
  type Money,
  minorToMajor,
  parseAmount,
  parseDuration,
} from '@/ui/format';
import { useTexts } from '../texts';
import { choicesOf } from './choice';
import { countries, currencies, languages } from './codes';
import { ReferenceInput } from './ReferenceInput';
import { SetInput } from './SetInput';
import { elementShape, shapeOf } from './shape';
import { fromLocal, toLocal } from './time';

export interface InputProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  /** For people who hear the screen; forms show it, cells do not. */
  label: string;
  showLabel?: boolean;
  autoFocus?: boolean;
  error?: string | undefined;
  required?: boolean;
}

interface Common {
  'aria-label'?: string;
  label?: string;
  autoFocus?: boolean;
  'data-autofocus'?: boolean;
  error?: string;
  withAsterisk?: boolean;
}

const commonOf = ({ label, showLabel, autoFocus, error, required }: InputProps): Common => ({
  ...(showLabel ? { label } : { 'aria-label': label }),
  ...(autoFocus ? { autoFocus, 'data-autofocus': true } : {}),
  ...(error ? { error } : {}),
  ...(required ? { withAsterisk: true } : {}),
});

function MoneyInput(props: InputProps) {
  const money = props.value as Money | null | undefined;
  const [currency, setCurrency] = useState(money?.currency ?? preferences().currency);
  const [text, setText] = useState(money ? String(minorToMajor(money)) : '');
  const t = useTexts();
  const amount = text.trim() ? parseAmount(text, currency) : undefined;
  const tell = (nextText: string, nextCurrency: string) => {
    const minor = nextText.trim() ? parseAmount(nextText, nextCurrency) : undefined;
    if (minor !== undefined) props.onChange({ amount_minor: minor, currency: nextCurrency });
    else if (!nextText.trim()) props.onChange(null);
  };
  const { error, ...common } = commonOf(props);
  const problem = error ?? (text.trim() && amount === undefined ? t('invalid') : undefined);
  return (
    <Group gap={4} wrap="nowrap" align="flex-end">
      <TextInput
        {...common}
        {...(problem ? { error: problem } : {})}
        inputMode="decimal"
        style={{ flex: 1 }}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          tell(event.currentTarget.value, currency);
        }}
      />
      <Select
        aria-label={`${props.label}: ISO 4217`}
        w={78}
        searchable
        allowDeselect={false}
        data={currencies}
        value={currency}
        onChange={(next) => {
          if (!next) return;
          setCurrency(next);
          tell(text, next);
        }}
      />
    </Group>
  );
}

function DurationInput(props: InputProps) {
  const [text, setText] = useState(typeof props.value === 'number' ? formatDuration(props.value) : '');
  const t = useTexts();
  const bad = text.trim() !== '' && parseDuration(text) === undefined;
  return (
    <TextInput
      {...commonOf(props)}
      {...(bad ? { error: t('invalid') } : {})}
      placeholder="1 h 30 min"
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        const ms = parseDuration(typed);
        if (!typed.trim()) props.onChange(null);
        else if (ms !== undefined) props.onChange(ms);
      }}
    />
  );
}

function DecimalInput(props: InputProps) {
  const scale = props.field.scale ?? 0;
  const [text, setText] = useState(typeof props.value === 'string' ? typedDecimal(props.value) : '');
  const t = useTexts();
  const { error, ...common } = commonOf(props);
  const bad = text.trim() !== '' && parseDecimal(text, scale) === undefined;
  const problem = error ?? (bad ? t('invalidDecimal', { count: scale }) : undefined);
  return (
    <TextInput
      {...common}
      {...(problem ? { error: problem } : {})}
      inputMode="decimal"
      styles={{ input: { textAlign: 'right' } }}
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        const value = parseDecimal(typed, scale);
        if (!typed.trim()) props.onChange(null);
        else if (value !== undefined) props.onChange(value);
      }}
    />
  );
}

/** A whole number with what it counts behind it. */
function UnitInput({ unit, most, ...props }: InputProps & { unit: string; most?: number }) {
  const { field, value, onChange } = props;
  return (
    <NumberInput
      {...commonOf(props)}
      value={typeof value === 'number' || (typeof value === 'string' && value) ? Number(value) : ''}
      allowDecimal={false}
      allowNegative={field.type !== 'uint' && most === undefined}
      suffix={unit}
      {...(field.type === 'uint' || most !== undefined ? { min: 0 } : {})}
      {...(most !== undefined ? { max: most } : {})}
      onChange={(next) => onChange(next === '' ? null : Number(next))}
    />
  );
}

/** " days": what stands behind the number of a field. */
const unitOf = (field: Field, value: unknown): string =>
  field.meaning === 'thousandths'
    ? ' ‰'
    : formatMeasure(Number(value ?? 0), field.meaning ?? '').replace(/^[^\p{L}]+/u, ' ');

function LanguageInput(props: InputProps) {
  const { value, onChange } = props;
  const tag = typeof value === 'string' ? value : '';
  const all = tag && !languages.includes(tag) ? [...languages, tag] : languages;
  const { locale } = forms();
  return (
    <Select
      {...commonOf(props)}
      searchable
      clearable={!props.required}
      data={all
        .map((code) => ({ value: code, label: languageName(code) }))
        .sort((a, b) => a.label.localeCompare(b.label, locale))}
      value={tag || null}
      onChange={onChange}
    />
  );
}

function KindInput(props: InputProps) {
  const { field, value, onChange } = props;
  const { kinds } = useKinds();
  const now = typeof value === 'string' && value ? value : null;
  const nameOf = field.meaning === 'kinds' ? 'plural' : 'name';
  const known = kinds.map((kind) => ({ value: kind[nameOf], label: labelText(kind.label) }));
  const isKnown = !now || known.some((one) => one.value === now);
  return (
    <Select
      {...commonOf(props)}
      searchable
      clearable={!props.required}
      data={isKnown ? known : [...known, { value: now, label: now }]}
      value={now}
      onChange={onChange}
    />
  );
}

const textTypes = { email: 'email', phone: 'tel', url: 'url' } as const;

export function FieldInput(props: InputProps) {
  const { field, value, onChange } = props;
  useSchemaTexts();
  const common = commonOf(props);
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  const shape = shapeOf(field);
  switch (shape) {
    case 'set':
      if (elementShape(field) === 'enum')
        return (
          <MultiSelect
            {...common}
            data={choicesOf(field)}
            value={(value as string[] | undefined) ?? []}
            onChange={onChange}
          />
        );
      return elementShape(field) === 'text' ? (
        <TagsInput {...common} data={[]} value={(value as string[] | undefined) ?? []} onChange={onChange} />
      ) : (
        <SetInput {...props} />
      );
    case 'bool':
      return (
        <Switch
          {...common}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...common}
          value={text === '' ? '' : Number(text)}
          allowDecimal={false}
          {...(field.type === 'uint' ? { min: 0 } : {})}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      );
    case 'decimal':
      return <DecimalInput {...props} />;
    case 'percent':
      return <UnitInput {...props} unit=" %" most={100} />;
    case 'measure':
      return <UnitInput {...props} unit={unitOf(field, value)} />;
    case 'language':
      return <LanguageInput {...props} />;
    case 'kind':
      return <KindInput {...props} />;
    case 'enum':
      return (
        <Select
          {...common}
          data={choicesOf(field, text)}
          value={text || null}
          clearable={!props.required}
          onChange={onChange}
        />
      );
    case 'country':
      return (
        <Select
          {...common}
          searchable
          clearable
          data={countries.map((code) => ({ value: code, label: countryName(code) }))}
          value={text || null}
          onChange={onChange}
        />
      );
    case 'currency':
      return (
        <Select {...common} searchable clearable data={currencies} value={text || null} onChange={onChange} />
      );
    case 'instant':
    case 'date':
      return (
        <TextInput
          {...common}
          type={shape === 'date' ? 'date' : 'datetime-local'}
          value={toLocal(text, shape)}
          onChange={(event) => onChange(fromLocal(event.currentTarget.value, shape))}
        />
      );
    case 'duration':
      return <DurationInput {...props} />;
    case 'money':
      return <MoneyInput {...props} />;
    case 'reference':
      return (
        <ReferenceInput
          {...common}
          plural={field.reference ?? ''}
          value={text || null}
          onChange={onChange}
          clearable={!props.required}
        />
      );
    case 'paragraphs':
      return (
        <Textarea
          {...common}
          autosize
          minRows={3}
          maxRows={12}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
    case 'object':
      return <SetInput {...props} />;
    default:
      return (
        <TextInput
          {...common}
          type={shape in textTypes ? textTypes[shape as keyof typeof textTypes] : 'text'}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value || null)}
        />
      );
  }
}
