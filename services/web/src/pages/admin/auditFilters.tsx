// SPDX-License-Identifier: Apache-2.0
// What both questions of the audit page narrow by: who, and from when until when.
import { TextInput } from '@mantine/core';
import { ReferenceInput } from '@/kind/field/ReferenceInput';
import { useTexts } from './auditTexts';

export interface WhoAndWhen {
  actor?: string;
  since?: string;
  until?: string;
}

/** Takes a part of a question away when there is no value for it. */
export function withPart<Q extends object>(question: Q, part: keyof Q, value: string | null): Q {
  const { [part]: _, ...others } = question;
  return (value ? { ...others, [part]: value } : others) as Q;
}

interface PartProps {
  question: WhoAndWhen;
  put: (part: keyof WhoAndWhen, value: string | null) => void;
}

export function WhoFilter({ question, put }: PartProps) {
  const t = useTexts();
  return (
    <ReferenceInput
      plural="users"
      label={t('person')}
      value={question.actor ?? null}
      clearable
      onChange={(id) => put('actor', id)}
    />
  );
}

export function WhenFilter({ question, put }: PartProps) {
  const t = useTexts();
  return (['since', 'until'] as const).map((part) => (
    <TextInput
      key={part}
      type="datetime-local"
      label={t(part)}
      value={question[part] ?? ''}
      onChange={(event) => put(part, event.currentTarget.value)}
    />
  ));
}
