// SPDX-License-Identifier: Apache-2.0
// A text with values of the record in it.
import { ActionIcon, Menu, ScrollArea, Textarea, TextInput } from '@mantine/core';
import { IconBraces } from '@tabler/icons-react';
import { useRef } from 'react';
import { useKinds } from '@/api/kinds';
import { useSchemaTexts } from '@/texts/schema';
import { holesOfAnswers, useAnswers } from './answers';
import { holesOf } from './holes';
import { useTexts } from './texts';

interface TemplateInputProps {
  label: string;
  hideLabel?: boolean;
  /** Name of the kind that values come from. */
  kind: string;
  value: string | undefined;
  error?: string | undefined;
  description?: string | undefined;
  lines?: boolean;
  onChange: (value: string) => void;
}

export function TemplateInput(props: TemplateInputProps) {
  const { label, hideLabel, kind, value = '', error, description, lines, onChange } = props;
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const answers = useAnswers();
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const insert = (text: string) => {
    const at = input.current?.selectionStart ?? value.length;
    const end = input.current?.selectionEnd ?? at;
    onChange(value.slice(0, at) + text + value.slice(end));
  };
  const common = {
    ref: input,
    value,
    ...(hideLabel ? { 'aria-label': label } : { label }),
    ...(error ? { error } : {}),
    ...(description ? { description } : {}),
    rightSection: (
      <Menu position="bottom-end" returnFocus={false}>
        <Menu.Target>
          <ActionIcon size="sm" aria-label={`${label}: ${t('insert')}`} title={t('insert')}>
            <IconBraces size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <ScrollArea.Autosize mah={260} tabIndex={-1}>
            {[...holesOfAnswers(answers), ...holesOf(book, kind, labelText)].map((hole) => (
              <Menu.Item key={hole.text} onClick={() => insert(hole.text)}>
                {hole.label}
              </Menu.Item>
            ))}
          </ScrollArea.Autosize>
        </Menu.Dropdown>
      </Menu>
    ),
  };
  return lines ? (
    <Textarea
      {...common}
      autosize
      minRows={3}
      maxRows={10}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  ) : (
    <TextInput {...common} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
