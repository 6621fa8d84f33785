// SPDX-License-Identifier: Apache-2.0
// Who else this customer might be, with what speaks for it; and the records that are one already.
import { Badge, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { act } from '@/api/act';
import { request } from '@/api/client';
import type { components } from '@/api/schema';
import { useMayWith } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { useSchemaTexts } from '@/texts/schema';
import { Card } from './Card';
import classes from './Customer.module.css';
import { useTexts } from './pageTexts';

type Duplicates = components['schemas']['Duplicates'];
type Pair = components['schemas']['DuplicatePair'];
interface Member {
  id: string;
  name?: string;
}

const duplicatesQuery = (customer: string) => ({
  queryKey: ['duplicates', customer],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    request<Duplicates>('GET', 'duplicates', { query: { customer, page_size: 5 }, signal }),
  meta: { live: { customer } },
});

/** What speaks most for it, each thing once. */
const reasonsOf = (pair: Pair): string[] => [
  ...new Set(
    (pair.reasons ?? [])
      .filter((one) => (one.weight ?? 0) > 0)
      .sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))
      .map((one) => one.what ?? ''),
  ),
];

function useDecide(id: string) {
  const client = useQueryClient();
  return (verb: string, other: string, label: string, done: string) =>
    void act(client, {
      method: 'POST',
      path: `customers/${id}:${verb}`,
      body: { other },
      label,
      record: { plural: 'customers', id },
      done,
      undo: false,
    })
      .then(() => client.invalidateQueries({ predicate: (query) => query.queryKey.includes(id) }))
      .catch(() => undefined);
}

function Likely({ pair, kind, row }: { pair: Pair } & PanelProps) {
  const { id } = row;
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const canLink = useMayWith()('change', kind, row);
  const decide = useDecide(id);
  const other = pair.a?.customer === id || pair.a?.id === id ? pair.b : pair.a;
  if (!other?.id) return null;
  const reasons = reasonsOf(pair).map(labelText);
  const otherId = other.id;
  return (
    <div className={classes.pair}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Link to={`/customers/${otherId}`} className={classes.link}>
          {other.name ?? otherId}
        </Link>
        <Badge size="sm" color={pair.certain ? 'teal' : 'yellow'}>
          {t('score', { score: Math.round(pair.score ?? 0) })}
        </Badge>
      </Group>
      <Tooltip label={reasons.join(', ')} disabled={reasons.length <= 3} multiline maw={300}>
        <Text size="xs" c="dimmed" truncate>
          {reasons.slice(0, 3).join(', ')}
        </Text>
      </Tooltip>
      {canLink && (
        <Group gap={6} mt={4}>
          <Button size="compact-xs" onClick={() => decide('link', otherId, t('link'), t('linked'))}>
            {t('link')}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => decide('notSame', otherId, t('notSame'), t('keptApart'))}
          >
            {t('notSame')}
          </Button>
        </Group>
      )}
    </div>
  );
}

function Members({ members, kind, row }: { members: Member[] } & PanelProps) {
  const { id } = row;
  const t = useTexts();
  const canLink = useMayWith()('change', kind, row);
  const decide = useDecide(id);
  return (
    <Card title={t('members', { count: members.length })}>
      <Stack gap={4}>
        {members
          .filter((one) => one.id !== id)
          .map((one) => (
            <Group key={one.id} justify="space-between" wrap="nowrap" gap="xs">
              <Text size="sm" truncate>
                {one.name ?? one.id}
              </Text>
              {canLink && (
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => decide('unlink', one.id, t('unlink'), t('unlinked'))}
                >
                  {t('unlink')}
                </Button>
              )}
            </Group>
          ))}
      </Stack>
    </Card>
  );
}

export default function DuplicatesPanel({ kind, row }: PanelProps) {
  const t = useTexts();
  const { data } = useQuery(duplicatesQuery(row.id));
  const pairs = (data?.duplicates ?? []).filter((pair) => pair.why !== 'joined');
  const members = (row.members ?? []) as Member[];
  return (
    <>
      {members.length > 1 && <Members members={members} kind={kind} row={row} />}
      {pairs.length > 0 && (
        <Card title={t('duplicates')}>
          <Stack gap="sm">
            {pairs.map((pair) => (
              <Likely key={`${pair.a?.id} ${pair.b?.id}`} pair={pair} kind={kind} row={row} />
            ))}
          </Stack>
        </Card>
      )}
    </>
  );
}
