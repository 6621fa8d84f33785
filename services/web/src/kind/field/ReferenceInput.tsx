// SPDX-License-Identifier: Apache-2.0
// Choosing a record: found by what it says, as one types.
import { Loader, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { readPage } from '@/api/records';
import type { components } from '@/api/schema';
import { nameOf, useName } from './Reference';

interface Choice {
  value: string;
  label: string;
}

interface ReferenceInputProps {
  /** Of the kind that is referred to. */
  plural: string;
  value: string | null;
  onChange: (id: string | null) => void;
  label?: string;
  'aria-label'?: string;
  autoFocus?: boolean;
  clearable?: boolean;
  error?: string;
  withAsterisk?: boolean;
}

/** Records whose text fits; without a text the first of the kind. */
export function useChoices(plural: string, text: string): { choices: Choice[]; isBusy: boolean } {
  const book = useKinds();
  const kind = book.byPlural(plural);
  const [asked] = useDebouncedValue(text.trim(), 150);
  const { data, isFetching } = useQuery({
    queryKey: ['choices', plural, asked],
    queryFn: async ({ signal }): Promise<Choice[]> => {
      if (asked.length < 2) {
        const { rows } = await readPage(plural, { page_size: 50 }, undefined, signal);
        return rows.map((row) => ({ value: row.id, label: nameOf(kind, row) }));
      }
      const found = await request<components['schemas']['SearchResults']>('GET', 'search', {
        query: { q: asked, kind: kind?.name, limit: 20 },
        signal,
      });
      return found.results.map((one) => ({ value: one.id, label: one.title?.text ?? one.id }));
    },
    placeholderData: keepPreviousData,
    meta: { live: { kinds: [plural] } },
  });
  return { choices: data ?? [], isBusy: isFetching };
}

export function ReferenceInput({ plural, value, onChange, ...rest }: ReferenceInputProps) {
  const name = useName(plural, value ?? undefined);
  const [text, setText] = useState<string>();
  const { choices, isBusy } = useChoices(plural, text === name ? '' : (text ?? ''));
  const data =
    value && name && !choices.some((one) => one.value === value)
      ? [{ value, label: name }, ...choices]
      : choices;
  return (
    <Select
      {...rest}
      searchable
      data={dedupe(data)}
      value={value}
      onChange={onChange}
      searchValue={text ?? name ?? ''}
      onSearchChange={setText}
      // The node has looked already, and finds what is spelled otherwise, too.
      filter={({ options }) => options}
      rightSection={isBusy ? <Loader size={12} /> : undefined}
      maxDropdownHeight={260}
      limit={50}
    />
  );
}

const dedupe = (choices: Choice[]) => [...new Map(choices.map((one) => [one.value, one])).values()];
