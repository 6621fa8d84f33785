// SPDX-License-Identifier: Apache-2.0
// A condition over the record, put together or as text.
import { Input, Skeleton } from '@mantine/core';
import { Suspense } from 'react';
import { useKinds } from '@/api/kinds';
import { later } from '@/app/offline/later';
import { useAnswers, withAnswers } from './answers';

const FilterBuilder = later(() => import('@/kind/filter/FilterBuilder'));

interface ConditionInputProps {
  label: string;
  hint?: string;
  /** Name of the kind of the record. */
  kind: string;
  value: string | undefined;
  error?: string | undefined;
  onChange: (value: string) => void;
}

export function ConditionInput({ label, hint, kind, value, error, onChange }: ConditionInputProps) {
  const about = useKinds().byName(kind);
  const answers = useAnswers();
  if (!about) return null;
  return (
    <Input.Wrapper
      component="fieldset"
      label={label}
      labelElement="div"
      style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}
      aria-label={label}
      {...(hint ? { description: hint } : {})}
      {...(error ? { error } : {})}
    >
      <Suspense fallback={<Skeleton h={70} />}>
        <FilterBuilder
          key={kind}
          kind={withAnswers(about, answers)}
          text={value ?? ''}
          onChange={onChange}
          problem={error}
        />
      </Suspense>
    </Input.Wrapper>
  );
}
