// SPDX-License-Identifier: Apache-2.0
// The options of a choice: their labels and order. One that records may have is retired, not taken away.
import { ActionIcon, Badge, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconEye, IconEyeOff, IconPlus, IconX } from '@tabler/icons-react';
import { type Option, swapped } from './definition';
import { useTexts } from './pageTexts';

interface OptionsProps {
  options: Option[];
  /** Names that are saved already. */
  saved: ReadonlySet<string>;
  error?: string | undefined;
  onChange: (options: Option[]) => void;
}

export function Options({ options, saved, error, onChange }: OptionsProps) {
  const t = useTexts();
  const put = (at: number, change: Partial<Option>) =>
    onChange(options.map((one, index) => (index === at ? { ...one, ...change } : one)));
  return (
    <Input.Wrapper label={t('options')} labelElement="div" {...(error ? { error } : {})}>
      <Stack gap={6} mt={4}>
        {options.map((option, at) => {
          const name = option.label || option.name || String(at + 1);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: an option that is being typed has no name yet
            <Group key={at} gap={2} wrap="nowrap">
              <TextInput
                aria-label={t('optionLabel', { number: at + 1 })}
                style={{ flex: 1 }}
                value={option.label ?? ''}
                placeholder={option.name}
                rightSection={option.retired ? <Badge color="gray">{t('retired')}</Badge> : undefined}
                rightSectionWidth={option.retired ? 96 : undefined}
                onChange={(event) => put(at, { label: event.currentTarget.value })}
              />
              <ActionIcon
                aria-label={t('optionUp', { name })}
                disabled={at === 0}
                onClick={() => onChange(swapped(options, at, -1))}
              >
                <IconArrowUp size={14} />
              </ActionIcon>
              <ActionIcon
                aria-label={t('optionDown', { name })}
                disabled={at === options.length - 1}
                onClick={() => onChange(swapped(options, at, 1))}
              >
                <IconArrowDown size={14} />
              </ActionIcon>
              {saved.has(option.name) ? (
                <ActionIcon
                  aria-label={t(option.retired ? 'offerOption' : 'retireOption', { name })}
                  onClick={() => put(at, { retired: !option.retired })}
                >
                  {option.retired ? <IconEye size={14} /> : <IconEyeOff size={14} />}
                </ActionIcon>
              ) : (
                <ActionIcon
                  aria-label={t('removeOption', { name })}
                  onClick={() => onChange(options.filter((_, index) => index !== at))}
                >
                  <IconX size={14} />
                </ActionIcon>
              )}
            </Group>
          );
        })}
        <Button
          variant="subtle"
          size="compact-xs"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...options, { name: '', label: '' }])}
        >
          {t('addOption')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
