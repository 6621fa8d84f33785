// SPDX-License-Identifier: Apache-2.0
// One step: what it does and how it goes on. What is asked follows from the action and from the schema.
import { ActionIcon, Group, NumberInput, Select, Stack, TextInput, Title } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { Asked } from './Asked';
import { AnswersAbove } from './answers';
import { type Action, actionsInOrder, answersAbove, type Fault, mostTimes, type Step } from './plan';
import { useTexts } from './texts';

interface StepFormProps {
  steps: Step[];
  at: number;
  kind: string;
  fault?: Fault | undefined;
  onChange: (step: Step) => void;
  onRename: (name: string) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function NameInput({
  name,
  taken,
  error,
  onRename,
}: {
  name: string;
  taken: ReadonlySet<string>;
  error: string | undefined;
  onRename: (name: string) => void;
}) {
  const t = useTexts();
  const [text, setText] = useState(name);
  const [seen, setSeen] = useState(name);
  if (seen !== name) {
    setSeen(name);
    if (name !== text.trim()) setText(name);
  }
  const wanted = text.trim();
  const isTaken = wanted !== name && taken.has(wanted);
  return (
    <TextInput
      label={t('name')}
      value={text}
      maxLength={60}
      {...(error || isTaken ? { error: error ?? t('taken') } : {})}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        if (typed.trim() && !taken.has(typed.trim())) onRename(typed.trim());
      }}
      onBlur={() => setText(name)}
    />
  );
}

/** A select of steps; none chosen: the one below. */
function ToStep({
  part,
  label,
  steps,
  step,
  onChange,
  error,
}: {
  part: 'then' | 'otherwise' | 'next' | 'back';
  label: string;
  steps: Step[];
  step: Step;
  onChange: (step: Step) => void;
  error: string | undefined;
}) {
  const t = useTexts();
  return (
    <Select
      label={label}
      data={steps.map((one) => one.name)}
      value={step[part] ?? null}
      clearable={part !== 'back'}
      clearButtonProps={{ 'aria-label': t('below') }}
      placeholder={part === 'back' ? '' : t('below')}
      {...(error ? { error } : {})}
      onChange={(name) => {
        const { [part]: _, ...others } = step;
        onChange(name ? { ...others, [part]: name } : others);
      }}
    />
  );
}

/** Those from here on only say how it goes on. */
const firstGoing = actionsInOrder.indexOf('wait');

export function StepForm({ steps, at, kind, fault, onChange, onRename, onMove, onRemove }: StepFormProps) {
  const t = useTexts();
  const step = steps[at];
  if (!step) return null;
  const later = steps.slice(at + 1);
  const said = (part: string) => (fault?.part === part ? fault.text : undefined);
  const to = (part: 'then' | 'otherwise' | 'next' | 'back', label: string) => (
    <ToStep
      part={part}
      label={label}
      steps={part === 'back' ? steps.slice(0, at) : later}
      step={step}
      onChange={onChange}
      error={said(part)}
    />
  );
  const { action } = step;
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} lineClamp={1}>
          {at + 1}. {step.name}
        </Title>
        <Group gap={2} wrap="nowrap">
          <ActionIcon aria-label={t('moveUp')} disabled={at === 0} onClick={() => onMove(-1)}>
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon aria-label={t('moveDown')} disabled={at === steps.length - 1} onClick={() => onMove(1)}>
            <IconArrowDown size={16} />
          </ActionIcon>
          <ActionIcon aria-label={t('remove')} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      </Group>
      <Select
        label={t('action')}
        data-form
        allowDeselect={false}
        data={[
          {
            group: t('doing'),
            items: actionsInOrder.slice(0, firstGoing).map((one) => ({ value: one, label: t(one) })),
          },
          {
            group: t('going'),
            items: actionsInOrder.slice(firstGoing).map((one) => ({ value: one, label: t(one) })),
          },
        ]}
        value={action}
        {...(said('action') ? { error: said('action') } : {})}
        onChange={(next) => next && onChange({ ...step, action: next as Action })}
      />
      <NameInput
        name={step.name}
        taken={new Set(steps.map((one) => one.name))}
        error={said('name')}
        onRename={onRename}
      />
      <AnswersAbove value={answersAbove(steps, at)}>
        <Asked
          key={`${at} ${action}`}
          step={step}
          kind={kind}
          said={said}
          faultAt={fault?.index}
          onChange={onChange}
        />
      </AnswersAbove>
      {action === 'branch' && to('then', t('thenGo'))}
      {(action === 'branch' || (action === 'wait' && step.until)) &&
        to('otherwise', t(action === 'branch' ? 'otherwise' : 'late'))}
      {action === 'http' && to('otherwise', t('unanswered'))}
      {action === 'loop' && (
        <Group grow align="flex-start">
          {to('back', t('back'))}
          <NumberInput
            label={t('times')}
            min={1}
            max={mostTimes}
            allowDecimal={false}
            value={step.times ?? ''}
            {...(said('times') ? { error: said('times') } : {})}
            onChange={(times) => onChange({ ...step, times: Number(times) || 1 })}
          />
        </Group>
      )}
      {action !== 'end' && action !== 'branch' && later.length > 1 && to('next', t('next'))}
      {fault && !fault.part && <TextError text={fault.text} />}
    </Stack>
  );
}

function TextError({ text }: { text: string }) {
  return (
    <div role="alert" style={{ color: 'var(--mantine-color-error)' }}>
      {text}
    </div>
  );
}
