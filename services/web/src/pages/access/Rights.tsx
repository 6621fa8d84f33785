// SPDX-License-Identifier: Apache-2.0
// The rights of a role as a table: a row for each kind, a column for what may be done with whose records.
import { ActionIcon, Alert, Select, Stack, Table, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { change } from '@/api/act';
import { useKinds } from '@/api/kinds';
import type { PanelProps } from '@/app/area';
import { useSchemaTexts } from '@/texts/schema';
import classes from './Access.module.css';
import { type Grant, inOrder, rights, type Scope, scopes, withKind, without, withScope } from './grants';
import { useTexts } from './pageTexts';

const scopeTexts = { none: 'no', own: 'own', team: 'ofTeam', subtree: 'subtree', all: 'every' } as const;

interface RowProps {
  grant: Grant;
  name: string;
  grants: Grant[];
  save: (grants: Grant[]) => void;
}
function GrantRow({ grant, name, grants, save }: RowProps) {
  const t = useTexts();
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.kind}>
        {name}
      </Table.Th>
      {rights.map((right) => (
        <Table.Td key={right} className={classes.cell}>
          <Select
            aria-label={`${name}: ${t(right)}`}
            data={scopes.map((value) => ({ value, label: t(scopeTexts[value]) }))}
            value={grant[right] ?? 'none'}
            onChange={(scope) => scope && save(withScope(grants, grant.kind, right, scope as Scope))}
            allowDeselect={false}
            size="xs"
          />
        </Table.Td>
      ))}
      <Table.Td>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('remove', { kind: name })}
          onClick={() => save(without(grants, grant.kind))}
        >
          <IconX size={14} />
        </ActionIcon>
      </Table.Td>
    </Table.Tr>
  );
}

export default function Rights({ row }: PanelProps) {
  const t = useTexts();
  const client = useQueryClient();
  const { kinds, byName } = useBook();
  const { labelText } = useSchemaTexts();
  const grants = (row.grants ?? []) as Grant[];
  const nameOfKind = (kind: string) => (kind === '*' ? t('others') : labelText(byName(kind)?.label ?? kind));
  const save = (next: Grant[]) =>
    void change(client, 'roles', row, { grants: next }, t('rights')).catch(() => undefined);
  const absent = ['*', ...kinds.map((kind) => kind.name)].filter(
    (kind) => !grants.some((grant) => grant.kind === kind),
  );
  if (row.administrator)
    return (
      <Alert my="md" color="blue">
        {t('adminHint')}
      </Alert>
    );
  return (
    <Stack gap="sm" py="md">
      <Text size="sm" c="dimmed">
        {t('matrixHint')}
      </Text>
      <section className={classes.scroll} aria-label={t('matrix')} tabIndex={0}>
        <Table verticalSpacing={4} horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('kind')}</Table.Th>
              {rights.map((right) => (
                <Table.Th key={right}>{t(right)}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {inOrder(grants).map((grant) => (
              <GrantRow
                key={grant.kind}
                grant={grant}
                name={nameOfKind(grant.kind)}
                grants={grants}
                save={save}
              />
            ))}
          </Table.Tbody>
        </Table>
      </section>
      <Select
        aria-label={t('addKind')}
        placeholder={t('addKind')}
        data={absent.map((value) => ({ value, label: nameOfKind(value) }))}
        value={null}
        onChange={(kind) => kind && save(withKind(grants, kind))}
        searchable
        maw={260}
      />
    </Stack>
  );
}

function useBook() {
  const book = useKinds();
  return { kinds: book.kinds, byName: (name: string) => book.byName(name) };
}
