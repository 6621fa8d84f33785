// SPDX-License-Identifier: Apache-2.0
// Saving one field from where it is shown. What somebody else has written there since is not lost:
// the person chooses, unless only other fields were changed.
import { Button, Group, Stack, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { change } from '@/api/act';
import type { Field, Kind } from '@/api/kinds';
import { ApiError } from '@/api/problem';
import { placeRow, type Row } from '@/api/records';
import { labelText } from '@/texts/schema';
import { sayFailure } from '@/ui/toast';
import { nameOf } from './field/Reference';
import { labelOf } from './field/shape';
import { isEmpty, Value, valueAsText } from './field/Value';
import { texts } from './texts';

export const sameValue = (a: unknown, b: unknown) =>
  (isEmpty(a) && isEmpty(b)) || JSON.stringify(a) === JSON.stringify(b);

async function save(client: QueryClient, kind: Kind, row: Row, field: Field, value: unknown): Promise<void> {
  const next = isEmpty(value) ? null : value;
  const label = `${labelText(labelOf(field))}: ${nameOf(kind, row)}`;
  try {
    await change(client, kind.plural, row, { [field.name]: next }, label, {
      quiet: true,
      // Of a customer who is several records, the page shows all of them and the version is of none.
      ...(row.version && !row.members ? { headers: { 'If-Match': `"${row.version}"` } } : {}),
    });
  } catch (error) {
    const current = error instanceof ApiError && error.status === 412 ? error.problem.current : undefined;
    if (!current) {
      sayFailure(error);
      return;
    }
    const now = { ...row, ...current } as Row;
    placeRow(client, kind.plural, row.id, () => now);
    if (sameValue(current[field.name], row[field.name])) await save(client, kind, now, field, value);
    else askWhich(client, kind, now, field, value, row[field.name]);
  }
}

/** Mine, theirs, or what it was before both. */
function askWhich(client: QueryClient, kind: Kind, now: Row, field: Field, mine: unknown, before: unknown) {
  const choice = (title: string, value: unknown, choose: () => void) => (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text size="xs" c="dimmed">
          {title}
        </Text>
        {isEmpty(value) ? (
          <Text c="dimmed">{texts('empty_value')}</Text>
        ) : (
          <Value field={field} value={value} plain whole />
        )}
      </div>
      <Button
        variant="default"
        aria-label={`${texts('choose')}: ${valueAsText(field, value) || texts('empty_value')}`}
        onClick={() => {
          modals.closeAll();
          choose();
        }}
      >
        {texts('choose')}
      </Button>
    </Group>
  );
  modals.open({
    title: `${texts('changedMeanwhile')}: ${labelText(labelOf(field))}`,
    children: (
      <Stack>
        <Text size="sm">{texts('changedMeanwhileHint')}</Text>
        {choice(texts('theirs'), now[field.name], () => undefined)}
        {choice(texts('mine'), mine, () => void save(client, kind, now, field, mine))}
        {choice(texts('itWas'), before, () => void save(client, kind, now, field, before ?? null))}
      </Stack>
    ),
  });
}

/** Shows it at once, then asks the node. */
export function useSaveField(kind: Kind) {
  const client = useQueryClient();
  return (row: Row, field: Field, value: unknown) => {
    if (sameValue(row[field.name], value)) return;
    void save(client, kind, row, field, value);
  };
}
