// SPDX-License-Identifier: Apache-2.0
// What becomes of lines whose record is there already, and what else the import does.
import { Select, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { useTexts } from './pageTexts';
import type { Question } from './query';

interface RulesProps {
  isOfCustomers: boolean;
  keys: string[];
  question: Question;
  onChange: (change: Partial<Question>) => void;
}

export function Rules({ isOfCustomers, keys, question, onChange }: RulesProps) {
  const t = useTexts();
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Select
          label={t('key')}
          data={keys}
          value={question.key || null}
          onChange={(key) => onChange({ key: key ?? '' })}
          placeholder={t('keyNone')}
          clearable
          clearButtonProps={{ 'aria-label': t('keyNone') }}
        />
        <Select
          label={t('mode')}
          data={(['create', 'update', 'both'] as const).map((value) => ({ value, label: t(value) }))}
          value={question.mode ?? 'create'}
          onChange={(mode) => mode && onChange({ mode: mode as 'create' })}
          disabled={!question.key}
          allowDeselect={false}
        />
        <TextInput
          label={t('source')}
          placeholder={t('sourceHint')}
          value={question.source ?? ''}
          maxLength={48}
          onChange={(event) => onChange({ source: event.currentTarget.value })}
        />
      </SimpleGrid>
      {isOfCustomers && (
        <Switch
          label={t('skipDuplicates')}
          checked={question.skip_duplicates ?? false}
          onChange={(event) => onChange({ skip_duplicates: event.currentTarget.checked })}
        />
      )}
      <Switch
        label={t('automation')}
        checked={question.automation ?? false}
        onChange={(event) => onChange({ automation: event.currentTarget.checked })}
      />
    </>
  );
}
