// SPDX-License-Identifier: Apache-2.0
// What a step asks of an address outside, and what it keeps of the answer.
import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Input,
  NumberInput,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ReferenceInput } from '@/kind/field/ReferenceInput';
import type { AskedProps } from './Asked';
import classes from './Editor.module.css';
import { PeriodInput } from './PeriodInput';
import type { AnswerType, Step, StepHeader, StepTake } from './plan';
import { TemplateInput } from './TemplateInput';
import { useTexts } from './texts';

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const satisfies readonly Step['request'][];
const types = ['text', 'whole', 'decimal', 'truth', 'instant'] as const satisfies readonly AnswerType[];
const secretMark = '{{secret}}';

interface ListProps {
  label: string;
  hint: string;
  add: string;
  error?: string | undefined;
  children: ReactNode;
  onAdd: () => void;
}
function List({ label, hint, add, error, children, onAdd }: ListProps) {
  return (
    <Input.Wrapper
      component="fieldset"
      className={classes.bare}
      label={label}
      labelElement="div"
      aria-label={label}
      description={hint}
      {...(error ? { error } : {})}
    >
      <Stack gap={8} mt={6} mb={error ? 4 : 0}>
        {children}
        <Button
          variant="subtle"
          size="compact-xs"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          onClick={onAdd}
        >
          {add}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

function Remove({ name, onClick }: { name: string; onClick: () => void }) {
  const t = useTexts();
  return (
    <ActionIcon aria-label={t('removeField', { name })} onClick={onClick}>
      <IconX size={14} />
    </ActionIcon>
  );
}

function HeaderRow({
  header,
  kind,
  onChange,
  onRemove,
}: {
  header: StepHeader;
  kind: string;
  onChange: (header: StepHeader) => void;
  onRemove: () => void;
}) {
  const t = useTexts();
  const name = header.name || t('header');
  const choose = (secret: string | null) => {
    const { secret: _, ...others } = header;
    if (!secret) return onChange({ ...others, value: header.value.replace(secretMark, '') });
    const value = header.value.includes(secretMark) ? header.value : `${header.value}${secretMark}`;
    onChange({ ...others, value, secret });
  };
  return (
    <div className={classes.item}>
      <Group gap={4} wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          aria-label={t('headerName')}
          placeholder="Authorization"
          value={header.name}
          onChange={(event) => onChange({ ...header, name: event.currentTarget.value })}
        />
        <Remove name={name} onClick={onRemove} />
      </Group>
      <TemplateInput
        label={`${name}: ${t('value')}`}
        hideLabel
        kind={kind}
        value={header.value}
        onChange={(value) => onChange({ ...header, value })}
      />
      <ReferenceInput
        plural="http_secrets"
        label={t('secret')}
        value={header.secret ?? null}
        onChange={choose}
        clearable
      />
    </div>
  );
}

/** Only decimals have digits behind the point. */
const ofType = ({ scale, ...take }: StepTake, type: AnswerType): StepTake =>
  type === 'decimal' ? { ...take, type, scale: scale ?? 2 } : { ...take, type };

function TakeRow({
  take,
  onChange,
  onRemove,
}: {
  take: StepTake;
  onChange: (take: StepTake) => void;
  onRemove: () => void;
}) {
  const t = useTexts();
  const name = take.name || t('answer');
  return (
    <div className={classes.item}>
      <Group gap={4} wrap="nowrap" align="flex-end">
        <TextInput
          style={{ flex: 1 }}
          label={t('takeName')}
          placeholder="score"
          value={take.name}
          onChange={(event) => onChange({ ...take, name: event.currentTarget.value })}
        />
        <Select
          style={{ flex: 1 }}
          label={t('takeType')}
          allowDeselect={false}
          data={types.map((value) => ({ value, label: t(`type_${value}`) }))}
          value={take.type ?? 'text'}
          onChange={(type) => type && onChange(ofType(take, type as AnswerType))}
        />
        {take.type === 'decimal' && (
          <NumberInput
            w={90}
            label={t('takeScale')}
            min={0}
            max={9}
            allowDecimal={false}
            value={take.scale ?? 0}
            onChange={(next) => onChange({ ...take, scale: Number(next) || 0 })}
          />
        )}
        <Remove name={name} onClick={onRemove} />
      </Group>
      <TextInput
        label={t('pointer')}
        placeholder="/result/score"
        value={take.pointer ?? ''}
        onChange={(event) => onChange({ ...take, pointer: event.currentTarget.value })}
      />
      <Checkbox
        label={t('mayMiss')}
        checked={!!take.may_miss}
        onChange={(event) => onChange({ ...take, may_miss: event.currentTarget.checked })}
      />
    </div>
  );
}

/** One of a list in another form, or without it. */
const put = <T,>(list: readonly T[], at: number, next: T | undefined): T[] =>
  list.flatMap((one, index) => (index !== at ? [one] : next === undefined ? [] : [next]));

function Headers({ step, kind, said, onChange }: AskedProps) {
  const t = useTexts();
  const headers = step.headers ?? [];
  const write = (next: StepHeader[]) => onChange({ ...step, headers: next });
  return (
    <List
      label={t('headers')}
      hint={t('headersHint')}
      add={t('addHeader')}
      error={said('headers')}
      onAdd={() => write([...headers, { name: '', value: '' }])}
    >
      {headers.map((header, at) => (
        <HeaderRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a header that is being written has no name yet
          key={at}
          header={header}
          kind={kind}
          onChange={(next) => write(put(headers, at, next))}
          onRemove={() => write(put(headers, at, undefined))}
        />
      ))}
      {headers.length > 0 && (
        <Link to="/http_secrets" className={classes.link}>
          {t('secrets')}
        </Link>
      )}
    </List>
  );
}

function Takes({ step, said, onChange }: AskedProps) {
  const t = useTexts();
  const takes = step.takes ?? [];
  const write = (next: StepTake[]) => onChange({ ...step, takes: next });
  return (
    <List
      label={t('takes')}
      hint={t('takesHint')}
      add={t('addTake')}
      error={said('takes')}
      onAdd={() => write([...takes, { name: '', pointer: '/', type: 'text' }])}
    >
      {takes.map((take, at) => (
        <TakeRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a value that is being written has no name yet
          key={at}
          take={take}
          onChange={(next) => write(put(takes, at, next))}
          onRemove={() => write(put(takes, at, undefined))}
        />
      ))}
    </List>
  );
}

export function HttpForm(props: AskedProps) {
  const { step, kind, said, onChange } = props;
  const t = useTexts();
  const method = step.request ?? 'get';
  return (
    <>
      <Select
        label={t('request')}
        allowDeselect={false}
        data={methods.map((value) => ({ value, label: value.toUpperCase() }))}
        value={method}
        {...(said('request') ? { error: said('request') } : {})}
        onChange={(next) => next && onChange({ ...step, request: next as NonNullable<Step['request']> })}
      />
      <TemplateInput
        label={t('url')}
        kind={kind}
        value={step.url}
        error={said('url')}
        description={t('urlHint')}
        onChange={(url) => onChange({ ...step, url })}
      />
      {(method !== 'get' || step.text) && (
        <TemplateInput
          label={t('body')}
          lines
          kind={kind}
          value={step.text}
          error={said('text')}
          description={t('bodyHint')}
          onChange={(text) => onChange({ ...step, text })}
        />
      )}
      <Headers {...props} />
      <Takes {...props} />
      <PeriodInput
        label={t('tryFor')}
        value={step.period ?? '1h'}
        error={said('period')}
        onChange={(period) => onChange({ ...step, period })}
      />
    </>
  );
}
