// SPDX-License-Identifier: Apache-2.0
// What each column becomes: proposed by the node, changed here, with what stands in the file beside it.
import { Alert, Select, Table, Text } from '@mantine/core';
import type { Kind } from '@/api/kinds';
import { labelOf } from '@/kind/field/shape';
import { useSchemaTexts } from '@/texts/schema';
import classes from './Import.module.css';
import { useTexts } from './pageTexts';
import { doubled, missing, targets } from './target';

interface MappingProps {
  kind: Kind;
  columns: string[];
  samples: Record<string, string[]>;
  mapping: Record<string, string>;
  onChange: (mapping: Record<string, string>) => void;
}

function useChoices(kind: Kind, mapping: Record<string, string>) {
  const { labelText } = useSchemaTexts();
  const known = targets(kind).map(({ path, labels }) => ({
    value: path,
    label: labels.map(labelText).join(' · '),
  }));
  const others = [...new Set(Object.values(mapping))].filter(
    (path) => path && !known.some((one) => one.value === path),
  );
  return [...known, ...others.map((path) => ({ value: path, label: path }))];
}

export function Mapping({ kind, columns, samples, mapping, onChange }: MappingProps) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const choices = useChoices(kind, mapping);
  const twice = doubled(mapping);
  const absent = missing(kind, mapping);
  const done = columns.filter((column) => mapping[column]).length;
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('mapped', { done, all: columns.length })}
      </Text>
      {absent.length > 0 && (
        <Alert color="yellow">
          {t('missing', { fields: absent.map((field) => labelText(labelOf(field))).join(', ') })}
        </Alert>
      )}
      <section className={classes.scroll} aria-label={t('columns')} tabIndex={0}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('column')}</Table.Th>
              <Table.Th>{t('samples')}</Table.Th>
              <Table.Th>{t('becomes')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {columns.map((column) => (
              <Table.Tr key={column}>
                <Table.Th scope="row">{column}</Table.Th>
                <Table.Td className={classes.samples}>{(samples[column] ?? []).join(', ')}</Table.Td>
                <Table.Td className={classes.becomes}>
                  <Select
                    aria-label={`${column}: ${t('becomes')}`}
                    data={choices}
                    value={mapping[column] || null}
                    onChange={(path) => onChange({ ...mapping, [column]: path ?? '' })}
                    placeholder={t('leaveOut')}
                    error={twice.has(column) ? t('twice') : undefined}
                    searchable
                    clearable
                    clearButtonProps={{ 'aria-label': `${column}: ${t('leaveOut')}` }}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </>
  );
}
