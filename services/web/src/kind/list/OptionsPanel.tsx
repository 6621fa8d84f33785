// SPDX-License-Identifier: Apache-2.0
import { Select, Stack, Switch } from '@mantine/core';
import type { Field } from '@/api/kinds';
import { defineTexts } from '@/texts';
import { useSchemaTexts } from '@/texts/schema';
import { labelOf, listFields } from '../field/shape';
import { useTexts } from '../texts';
import { ColumnPicker } from './ColumnPicker';
import { type List, useLook } from './useList';

const { useTexts: useOwnTexts } = defineTexts('list-options', {
  en: {
    compact: 'Names only',
    fields: 'Fields of a card',
    fieldsHint: 'Those that are chosen first are shown, up to four.',
  },
  de: {
    compact: 'Nur Namen',
    fields: 'Felder einer Karte',
    fieldsHint: 'Gezeigt werden die ersten, bis zu vier.',
  },
});

/** What has few values, so that groups are more than rows. */
const isGroupable = (field: Field) =>
  !field.repeated &&
  (!!field.values ||
    !!field.reference ||
    (!!field.indexed && field.type === 'text') ||
    field.type === 'bool');

/** Groups and columns of a list; of a board, what its cards show. */
export default function OptionsPanel({ list }: { list: List }) {
  const t = useTexts();
  const own = useOwnTexts();
  const { labelText } = useSchemaTexts();
  const { kind, state, set } = list;
  const [look, setLook] = useLook(kind.plural);
  if (state.layout === 'board')
    return (
      <Stack gap="sm">
        <Switch
          label={own('compact')}
          checked={look.compact === true}
          onChange={(event) => setLook({ compact: event.currentTarget.checked })}
        />
        {!look.compact && <ColumnPicker list={list} title={own('fields')} hint={own('fieldsHint')} />}
      </Stack>
    );
  return (
    <Stack gap="sm">
      <Select
        label={t('groupBy')}
        placeholder={t('noGroup')}
        clearable
        data={listFields(kind)
          .filter(isGroupable)
          .map((field) => ({ value: field.name, label: labelText(labelOf(field)) }))}
        value={state.group || null}
        onChange={(group) => set({ group: group ?? '' })}
      />
      <ColumnPicker list={list} title={t('columns')} />
    </Stack>
  );
}
