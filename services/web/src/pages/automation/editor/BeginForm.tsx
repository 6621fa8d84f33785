// SPDX-License-Identifier: Apache-2.0
// What a rule or flow is about, and what sets a rule off.
import { Input, MultiSelect, Select, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { type Fact, type KindBook, useKinds } from '@/api/kinds';
import { departments } from '@/app/area';
import { allFields, labelOf, shapeOf } from '@/kind/field/shape';
import { fromLocal, toLocal } from '@/kind/field/time';
import { useSchemaTexts } from '@/texts/schema';
import { ConditionInput } from './ConditionInput';
import type { Draft, Plural, Trigger } from './draft';
import { PeriodInput } from './PeriodInput';
import type { Fault } from './plan';
import { useTexts } from './texts';

interface BeginProps {
  plural: Plural;
  draft: Draft;
  fault?: Fault | undefined;
  onChange: (change: Partial<Draft>) => void;
}
type Said = (part: string) => { error?: string };

/** Automation does not act on itself. */
const notAbout = new Set(['rule', 'flow', 'run', 'rota']);

/** The kind that a fact is about: what its first reference names. */
function kindOfFact(book: KindBook, fact: Fact | undefined): string | undefined {
  const reference = fact?.fields.find((field) => field.reference)?.reference;
  return reference ? book.byPlural(reference)?.name : undefined;
}

function FactTrigger({
  draft,
  said,
  onChange,
}: {
  draft: Draft;
  said: Said;
  onChange: BeginProps['onChange'];
}) {
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const label = (fact: Fact) => (fact.label ? `${labelText(fact.label)} (${fact.name})` : fact.name);
  return (
    <Select
      label={t('which')}
      searchable
      allowDeselect={false}
      data={book.facts.map((fact) => ({ value: fact.name, label: label(fact) }))}
      value={draft.fact || null}
      {...said('fact')}
      onChange={(name) => {
        const kind = kindOfFact(book, book.fact(name ?? ''));
        if (name) onChange(kind ? { fact: name, kind } : { fact: name });
      }}
    />
  );
}

function ChangeTrigger({
  draft,
  said,
  onChange,
}: {
  draft: Draft;
  said: Said;
  onChange: BeginProps['onChange'];
}) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const fields = useKinds().byName(draft.kind)?.fields ?? [];
  return (
    <>
      <Select
        label={t('changeType')}
        allowDeselect={false}
        data={(['created', 'changed', 'archived', 'any'] as const).map((value) => ({
          value,
          label: t(value),
        }))}
        value={draft.change}
        {...said('change')}
        onChange={(change) => change && onChange({ change: change as Draft['change'] })}
      />
      {(draft.change === 'changed' || draft.change === 'any') && (
        <>
          <MultiSelect
            label={t('fields')}
            searchable
            data={fields.map((field) => ({ value: field.name, label: labelText(labelOf(field)) }))}
            value={draft.fields}
            {...said('fields')}
            onChange={(next) => onChange({ fields: next })}
          />
          <ConditionInput
            label={t('ifBefore')}
            kind={draft.kind}
            value={draft.before}
            error={said('before').error}
            onChange={(before) => onChange({ before })}
          />
        </>
      )}
    </>
  );
}

function MomentTrigger({
  draft,
  said,
  onChange,
}: {
  draft: Draft;
  said: Said;
  onChange: BeginProps['onChange'];
}) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const kind = useKinds().byName(draft.kind);
  const dates = kind ? allFields(kind).filter((field) => field.indexed && shapeOf(field) === 'instant') : [];
  return (
    <>
      <Select
        label={t('instant')}
        allowDeselect={false}
        data={dates.map((field) => ({ value: field.name, label: labelText(labelOf(field)) }))}
        value={draft.field || null}
        {...said('field')}
        onChange={(field) => field && onChange({ field })}
      />
      <PeriodInput
        label={t('howLong')}
        signed
        value={draft.after}
        error={said('after').error}
        onChange={(after) => onChange({ after })}
      />
    </>
  );
}

function ScheduleTrigger({
  draft,
  said,
  onChange,
}: {
  draft: Draft;
  said: Said;
  onChange: BeginProps['onChange'];
}) {
  const t = useTexts();
  return (
    <>
      <PeriodInput
        label={t('every')}
        value={draft.every}
        error={said('every').error}
        onChange={(every) => onChange({ every })}
      />
      <TextInput
        label={t('firstAt')}
        type="datetime-local"
        value={toLocal(draft.first_at, 'instant')}
        {...said('first_at')}
        onChange={(event) =>
          onChange({ first_at: String(fromLocal(event.currentTarget.value, 'instant') ?? '') })
        }
      />
    </>
  );
}

const triggers = {
  fact: FactTrigger,
  change: ChangeTrigger,
  moment: MomentTrigger,
  schedule: ScheduleTrigger,
};

function TriggerFields({
  draft,
  said,
  onChange,
}: {
  draft: Draft;
  said: Said;
  onChange: BeginProps['onChange'];
}) {
  const t = useTexts();
  const Fields = triggers[draft.trigger];
  return (
    <>
      <Select
        label={t('trigger')}
        allowDeselect={false}
        data={(['change', 'fact', 'moment', 'schedule'] as const).map((value) => ({
          value,
          label: t(value),
        }))}
        value={draft.trigger}
        {...said('trigger')}
        onChange={(trigger) => trigger && onChange({ trigger: trigger as Trigger })}
      />
      {draft.trigger === 'fact' && <Fields draft={draft} said={said} onChange={onChange} />}
      <AboutSelect draft={draft} said={said} onChange={onChange} />
      {draft.trigger !== 'fact' && <Fields draft={draft} said={said} onChange={onChange} />}
      <ConditionInput
        label={t('if')}
        kind={draft.kind}
        value={draft.condition}
        error={said('condition').error}
        onChange={(condition) => onChange({ condition })}
      />
    </>
  );
}

function AboutSelect({
  draft,
  said,
  onChange,
}: {
  draft: Draft;
  said: Said;
  onChange: BeginProps['onChange'];
}) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const kinds = useKinds().kinds.filter((kind) => !notAbout.has(kind.name));
  return (
    <Select
      label={t('about')}
      searchable
      allowDeselect={false}
      data={kinds.map((kind) => ({ value: kind.name, label: labelText(kind.label) }))}
      value={draft.kind}
      {...said('kind')}
      onChange={(kind) =>
        kind &&
        kind !== draft.kind &&
        onChange({ kind, field: 'created_at', fields: [], condition: '', before: '' })
      }
    />
  );
}

export function BeginForm({ plural, draft, fault, onChange }: BeginProps) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  const said: Said = (part) =>
    fault?.step === undefined && fault?.part === part ? { error: fault.text } : {};
  return (
    <Stack gap="md">
      <Title order={2}>{t('begin')}</Title>
      {fault && fault.step === undefined && (!fault.part || fault.part === 'plan') && (
        <Input.Error>{fault.text}</Input.Error>
      )}
      <TextInput
        label={t('name')}
        data-form
        withAsterisk
        value={draft.name}
        {...said('name')}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Select
        label={t('department')}
        allowDeselect={false}
        data={departments.map((value) => ({ value, label: valueText(value) }))}
        value={draft.department}
        {...said('department')}
        onChange={(department) => department && onChange({ department })}
      />
      {plural === 'rules' ? (
        <TriggerFields draft={draft} said={said} onChange={onChange} />
      ) : (
        <>
          <AboutSelect draft={draft} said={said} onChange={onChange} />
          <ConditionInput
            label={t('exit')}
            hint={t('exitHint')}
            kind={draft.kind}
            value={draft.exit}
            error={said('exit').error}
            onChange={(exit) => onChange({ exit })}
          />
        </>
      )}
      <Textarea
        label={t('note')}
        autosize
        minRows={2}
        value={draft.note}
        onChange={(event) => onChange({ note: event.currentTarget.value })}
      />
    </Stack>
  );
}
