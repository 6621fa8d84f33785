// SPDX-License-Identifier: Apache-2.0
import { Select, Stack } from '@mantine/core';
import type { Field } from '@/api/kinds';
import { useSchemaTexts } from '@/texts/schema';
import { labelOf, listFields } from '../field/shape';
import { useTexts } from '../texts';
import { ColumnPicker } from './ColumnPicker';
import type { List } from './useList';

/** What has few values, so that groups are more than rows. */
const isGroupable = (field: Field) =>
  !field.repeated &&
  (!!field.values ||
    !!field.reference ||
    (!!field.indexed && field.type === 'text') ||
    field.type === 'bool');

/** Groups and columns of a list. */
export default function OptionsPanel({ list }: { list: List }) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { kind, state, set } = list;
  return (
    <Stack gap="sm">
      <Select
        label={t('groupBy')}
        placeholder={t('noGroup')}
        clearable
        comboboxProps={{ withinPortal: false }}
        data={listFields(kind)
          .filter(isGroupable)
          .map((field) => ({ value: field.name, label: labelText(labelOf(field)) }))}
        value={state.group || null}
        onChange={(group) => set({ group: group ?? '' })}
      />
      <ColumnPicker list={list} />
    </Stack>
  );
}
