// SPDX-License-Identifier: Apache-2.0
// What an action asks, each by what the schema says of it.
import { Autocomplete, SegmentedControl, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { type Field, type Kind, useKinds } from '@/api/kinds';
import { departments } from '@/app/area';
import { FieldInput } from '@/kind/field/Input';
import { labelOf } from '@/kind/field/shape';
import { askedOf, verbLabel } from '@/kind/record/command';
import { useSchemaTexts } from '@/texts/schema';
import { ConditionInput } from './ConditionInput';
import { HttpForm } from './HttpForm';
import { PeriodInput } from './PeriodInput';
import type { Step } from './plan';
import { TemplateInput } from './TemplateInput';
import { useTexts } from './texts';
import { ValueInput } from './ValueInput';
import { ValuesInput } from './ValuesInput';

export interface AskedProps {
  step: Step;
  kind: string;
  said: (part: string) => string | undefined;
  /** Which one of a list `said` is about. */
  faultAt?: number | undefined;
  onChange: (step: Step) => void;
}

const written = (kind: Kind | undefined): Field[] | undefined =>
  kind?.fields.filter((field) => !field.read_only && (field.type !== 'object' || !field.repeated));

/** What the schema says of a part of a step. */
function usePart(name: string): Field | undefined {
  const rules = useKinds().byPlural('rules');
  const steps = rules?.fields
    .find((field) => field.name === 'plan')
    ?.fields?.find((field) => field.name === 'steps');
  return steps?.fields?.find((field) => field.name === name);
}

function Part({ name, label, step, said, onChange }: AskedProps & { name: keyof Step; label: string }) {
  const field = usePart(name);
  if (!field) return null;
  return (
    <FieldInput
      field={field}
      label={label}
      showLabel
      value={step[name]}
      error={said(name)}
      onChange={(value) => {
        const { [name]: _, ...others } = step;
        onChange((value === null || value === undefined ? others : { ...others, [name]: value }) as Step);
      }}
    />
  );
}

function Values({
  step,
  kind,
  said,
  faultAt,
  onChange,
  fields,
}: AskedProps & { fields: Field[] | undefined }) {
  const t = useTexts();
  return (
    <ValuesInput
      label={t('values')}
      fields={fields}
      kind={kind}
      values={step.values ?? []}
      error={said('values')}
      errorAt={faultAt}
      onChange={(values) => onChange({ ...step, values })}
    />
  );
}

function Create(props: AskedProps) {
  const { step, said, onChange } = props;
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const target = step.kind ? book.byName(step.kind) : undefined;
  const choose = (name: string | null) => {
    const kind = name ? book.byName(name) : undefined;
    if (!kind) return;
    const first = kind.fields.filter((field) => field.required && !field.read_only);
    const link = kind.fields.find((field) => field.name === kind.customer);
    const source = book.byName(props.kind);
    const values = first.map((field) => ({ field: field.name, value: '' }));
    const customer =
      source?.name === 'customer' ? '{{id}}' : source?.customer ? `{{${source.customer}}}` : undefined;
    if (link && customer) values.push({ field: link.name, value: customer });
    onChange({
      ...step,
      kind: kind.name,
      values: values.filter((value, at) => values.findIndex((one) => one.field === value.field) === at),
    });
  };
  return (
    <>
      <Select
        label={t('what')}
        searchable
        allowDeselect={false}
        data={book.kinds
          .filter((kind) => !kind.internal)
          .map((kind) => ({ value: kind.name, label: labelText(kind.label) }))}
        value={step.kind ?? null}
        {...(said('kind') ? { error: said('kind') } : {})}
        onChange={choose}
      />
      {target && <Values {...props} fields={written(target)} />}
    </>
  );
}

function Verb(props: AskedProps) {
  const { step, kind, said, onChange } = props;
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const about = book.byName(kind);
  const commands = about ? book.commandsOf(about.plural) : [];
  const command = commands.find((one) => one.verb === step.verb);
  return (
    <>
      <Autocomplete
        label={t('command')}
        data={commands.map((one) => one.verb)}
        renderOption={({ option }) => {
          const one = commands.find((row) => row.verb === option.value);
          return one ? labelText(verbLabel(one)) : option.value;
        }}
        value={step.verb ?? ''}
        {...(command?.help ? { description: command.help } : {})}
        {...(said('verb') ? { error: said('verb') } : {})}
        onChange={(verb) => onChange({ ...step, verb })}
      />
      {step.verb && (!command || (about && askedOf(about, command).length > 0)) && (
        <Values {...props} fields={command && about ? askedOf(about, command) : undefined} />
      )}
    </>
  );
}

function Assign(props: AskedProps) {
  const { step, kind, said, onChange } = props;
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const fields = useKinds()
    .byName(kind)
    ?.fields.filter((field) => field.reference === 'users' && !field.repeated && !field.read_only);
  const method = step.method ?? 'round_robin';
  return (
    <>
      <Select
        label={t('whom')}
        allowDeselect={false}
        data={fields?.map((field) => ({ value: field.name, label: labelText(labelOf(field)) })) ?? []}
        value={step.field ?? null}
        {...(said('field') ? { error: said('field') } : {})}
        onChange={(field) => field && onChange({ ...step, field })}
      />
      <Select
        label={t('method')}
        allowDeselect={false}
        data={(['round_robin', 'least_loaded', 'territory'] as const).map((value) => ({
          value,
          label: t(value),
        }))}
        value={method}
        onChange={(next) => next && onChange({ ...step, method: next as NonNullable<Step['method']> })}
      />
      {method === 'territory' ? (
        <Part {...props} name="territories" label={t('territories')} />
      ) : (
        <>
          <Part {...props} name="users" label={t('users')} />
          <Part {...props} name="team" label={t('team')} />
        </>
      )}
      {method === 'least_loaded' && (
        <ConditionInput
          label={t('load')}
          kind={kind}
          value={step.load}
          error={said('load')}
          onChange={(load) => onChange({ ...step, load })}
        />
      )}
    </>
  );
}

const receivers: Partial<Record<Step['action'], string>> = { notify: 'users', webhook: 'webhooks' };

function Send({ step, kind, said, onChange }: AskedProps) {
  const t = useTexts();
  const reference = receivers[step.action];
  return (
    <>
      <ValueInput
        field={reference ? { name: 'to', type: 'bytes', reference } : undefined}
        label={t(step.action === 'mail' ? 'to' : step.action === 'webhook' ? 'hook' : 'user')}
        kind={kind}
        value={step.to ?? ''}
        error={said('to')}
        onChange={(to) => onChange({ ...step, to })}
      />
      <TemplateInput
        label={t('subject')}
        kind={kind}
        value={step.subject}
        error={said('subject')}
        onChange={(subject) => onChange({ ...step, subject })}
      />
      <TemplateInput
        label={t('text')}
        lines
        kind={kind}
        value={step.text}
        error={said('text')}
        onChange={(text) => onChange({ ...step, text })}
      />
    </>
  );
}

function HandOver({ step, kind, said, onChange }: AskedProps) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  return (
    <>
      <Select
        label={t('toDepartment')}
        allowDeselect={false}
        data={departments.map((value) => ({ value, label: valueText(value) }))}
        value={step.department ?? null}
        {...(said('department') ? { error: said('department') } : {})}
        onChange={(next) =>
          next && onChange({ ...step, department: next as NonNullable<Step['department']> })
        }
      />
      <TemplateInput
        label={t('reasonText')}
        lines
        kind={kind}
        value={step.text}
        error={said('text')}
        onChange={(text) => onChange({ ...step, text })}
      />
    </>
  );
}

type Waits = 'period' | 'at' | 'until';

function Wait({ step, kind, said, onChange }: AskedProps) {
  const t = useTexts();
  const [waits, setWaits] = useState<Waits>(step.until ? 'until' : step.at ? 'at' : 'period');
  const choose = (next: Waits) => {
    setWaits(next);
    const { at: _, until: __, otherwise: ___, ...others } = step;
    if (next !== 'at') onChange({ ...others, period: step.period ?? '1d' });
    else {
      const { period: ____, ...bare } = others;
      onChange(bare);
    }
  };
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label={t('waitFor')}
        data={(['period', 'at', 'until'] as const).map((value) => ({ value, label: t(value) }))}
        value={waits}
        onChange={(next) => choose(next as Waits)}
      />
      {waits === 'until' && (
        <ConditionInput
          label={t('untilWhen')}
          kind={kind}
          value={step.until}
          error={said('until')}
          onChange={(until) => onChange({ ...step, until })}
        />
      )}
      {waits === 'at' ? (
        <TemplateInput
          label={t('atWhen')}
          kind={kind}
          value={step.at}
          error={said('at')}
          onChange={(at) => onChange({ ...step, at })}
        />
      ) : (
        <PeriodInput
          label={t(waits === 'until' ? 'mostLong' : 'howLong')}
          value={step.period}
          error={said('period')}
          onChange={(period) => onChange({ ...step, period })}
        />
      )}
    </>
  );
}

function Condition({ step, kind, said, onChange }: AskedProps) {
  const t = useTexts();
  return (
    <ConditionInput
      label={t(step.action === 'loop' ? 'while' : 'condition')}
      kind={kind}
      value={step.condition}
      error={said('condition')}
      onChange={(condition) => onChange({ ...step, condition })}
    />
  );
}

export function Asked(props: AskedProps) {
  const t = useTexts();
  const book = useKinds();
  const what = () => {
    switch (props.step.action) {
      case 'set':
        return <Values {...props} fields={written(book.byName(props.kind))} />;
      case 'create':
        return <Create {...props} />;
      case 'verb':
        return <Verb {...props} />;
      case 'assign':
        return <Assign {...props} />;
      case 'hand_over':
        return <HandOver {...props} />;
      case 'notify':
      case 'mail':
      case 'webhook':
        return <Send {...props} />;
      case 'http':
        return <HttpForm {...props} />;
      case 'start':
        return <Part {...props} name="flow" label={t('flow')} />;
      case 'wait':
        return <Wait {...props} />;
      case 'branch':
      case 'loop':
        return <Condition {...props} />;
      default:
        return null;
    }
  };
  return <Stack gap="md">{what()}</Stack>;
}
