// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import { moved } from '@/app/shell/navigation';
import { useSchemaTexts } from '@/texts/schema';
import { labelOf, listFields } from '../field/shape';
import { useTexts } from '../texts';
import type { List } from './useList';
import classes from './ViewBar.module.css';

interface ColumnPickerProps {
  list: List;
  title: string;
  hint?: string;
}

/** Columns of a list: those that are shown first, in their order. */
export function ColumnPicker({ list, title, hint }: ColumnPickerProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const [text, setText] = useState('');
  const { kind, state, set } = list;
  const fields = listFields(kind).filter((field) =>
    labelText(labelOf(field)).toLowerCase().includes(text.toLowerCase()),
  );
  const shown = state.columns.flatMap((name) => fields.filter((field) => field.name === name));
  const hidden = fields.filter((field) => !state.columns.includes(field.name));
  return (
    <div>
      <div className={classes.label}>{title}</div>
      {hint && (
        <Text size="xs" c="dimmed" mb={6}>
          {hint}
        </Text>
      )}
      <TextInput
        mb={6}
        aria-label={t('search')}
        placeholder={t('search')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Stack gap={2} className={classes.columns}>
        {[...shown, ...hidden].map((field) => {
          const index = state.columns.indexOf(field.name);
          const label = labelText(labelOf(field));
          return (
            <Group key={field.name} gap={2} wrap="nowrap" justify="space-between" mih={28}>
              <Checkbox
                label={label}
                checked={index >= 0}
                disabled={index >= 0 && state.columns.length === 1}
                onChange={() =>
                  set({
                    columns:
                      index >= 0
                        ? state.columns.filter((name) => name !== field.name)
                        : [...state.columns, field.name],
                  })
                }
              />
              {index >= 0 && (
                <Group gap={0} wrap="nowrap">
                  <ActionIcon
                    size={24}
                    aria-label={`${t('moveLeft')}: ${label}`}
                    disabled={index === 0}
                    onClick={() => set({ columns: moved(state.columns, index, index - 1) })}
                  >
                    <IconArrowUp size={13} />
                  </ActionIcon>
                  <ActionIcon
                    size={24}
                    aria-label={`${t('moveRight')}: ${label}`}
                    disabled={index === state.columns.length - 1}
                    onClick={() => set({ columns: moved(state.columns, index, index + 1) })}
                  >
                    <IconArrowDown size={13} />
                  </ActionIcon>
                </Group>
              )}
            </Group>
          );
        })}
      </Stack>
    </div>
  );
}
