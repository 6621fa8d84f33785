// SPDX-License-Identifier: Apache-2.0
// Rules by which old interactions are blanked; each is looked at before it does anything.
import { Alert, Button, Group, Modal, Stack, Switch, Table, Text } from '@mantine/core';
import { IconHourglass, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { act, change } from '@/api/act';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { allQuery, type Row } from '@/api/records';
import type { components } from '@/api/schema';
import { later } from '@/app/offline/later';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatInstantLong, formatNumber, useForms } from '@/ui/format';
import classes from './Admin.module.css';
import { useTexts } from './privacyTexts';

const CreateForm = later(() => import('@/kind/form/CreateForm'));

type Rule = components['schemas']['RetentionRule'];
/** As the API answers `:preview`. */
interface Preview {
  count: number;
  oldest?: string;
  newest?: string;
  complete: boolean;
  types: { type: string; count: number }[];
  nodes: { number: number; name?: string; count: number }[];
}

const asRule = (row: Row) => row as unknown as Rule;
const blankedBy = (rule: Rule) =>
  (rule.nodes ?? []).reduce((sum, node) => sum + Number(node.blanked_ever ?? 0), 0);

function Look({ row, onClose }: { row: Row; onClose: () => void }) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  const client = useQueryClient();
  useForms();
  const rule = asRule(row);
  const { data, error } = useQuery({
    queryKey: ['retention preview', rule.id, row.version],
    queryFn: ({ signal }) =>
      request<Preview>('GET', `retention_rules/${rule.id}:preview`, { query: { samples: 0 }, signal }),
    staleTime: 0,
  });
  const apply = () =>
    void act(client, {
      method: 'POST',
      path: `retention_rules/${rule.id}:apply`,
      body: {},
      label: t('apply'),
      record: { plural: 'retention_rules', id: rule.id },
      done: t('applied'),
    })
      .then(onClose)
      .catch(() => undefined);
  return (
    <Modal opened onClose={onClose} size={520} title={t('lookOf', { name: rule.name ?? '' })}>
      <Stack gap="sm">
        {error && <Failed error={error} />}
        {data && (
          <>
            <Text fw={600}>{t('would', { count: data.count, shown: formatNumber(data.count) })}</Text>
            {data.oldest && data.newest && (
              <Text size="sm">
                {t('between', {
                  oldest: formatInstantLong(data.oldest),
                  newest: formatInstantLong(data.newest),
                })}
              </Text>
            )}
            {data.types.length > 0 && (
              <Text size="sm">
                {data.types.map((one) => `${valueText(one.type)}: ${formatNumber(one.count)}`).join(', ')}
              </Text>
            )}
            <Text size="sm" c="dimmed">
              {t('nodesDo')}
            </Text>
            {!data.complete && <Alert color="yellow">{t('incomplete')}</Alert>}
            {data.count > 0 && (
              <Group justify="space-between">
                <Text size="sm" c="dimmed">
                  {t('cannotUndo')}
                </Text>
                <Button color="red" onClick={apply}>
                  {t('apply')}
                </Button>
              </Group>
            )}
          </>
        )}
      </Stack>
    </Modal>
  );
}

function Line({ row, onLook }: { row: Row; onLook: () => void }) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  const client = useQueryClient();
  const rule = asRule(row);
  const name = rule.name ?? '';
  const days = Number(rule.older_than_days ?? 0);
  const turn = (enabled: boolean) =>
    void change(client, 'retention_rules', row, { enabled }, t('turnOn', { name })).catch(() => undefined);
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Link to={`/retention_rules/${rule.id}`}>{name}</Link>
      </Table.Th>
      <Table.Td>{(rule.types ?? []).map(valueText).join(', ') || t('all')}</Table.Td>
      <Table.Td className={classes.figures}>{t('days', { count: days, shown: formatNumber(days) })}</Table.Td>
      <Table.Td>
        <Switch
          aria-label={t('turnOn', { name })}
          checked={rule.enabled === true}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td className={classes.figures}>
        {rule.nodes?.length ? formatNumber(blankedBy(rule)) : t('never')}
      </Table.Td>
      <Table.Td>
        <Button size="compact-sm" variant="default" aria-label={t('lookOf', { name })} onClick={onLook}>
          {t('look')}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

export function Retention() {
  const t = useTexts();
  useForms();
  const kind = useKinds().byPlural('retention_rules');
  const { data, error } = useQuery(allQuery('retention_rules'));
  const [open, setOpen] = useState<string>();
  const [isMaking, setMaking] = useState(false);
  const shown = data?.find((row) => row.id === open);
  const make = kind && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => setMaking(true)}>
      {t('newRule')}
    </Button>
  );
  if (error) return <Failed error={error} />;
  return (
    <>
      {data?.length === 0 ? (
        <Empty icon={IconHourglass} title={t('noRules')} hint={t('noRulesHint')}>
          {make}
        </Empty>
      ) : (
        <>
          <Group justify="flex-end">{make}</Group>
          <section className={classes.scroll} tabIndex={0} aria-label={t('rules')}>
            <Table verticalSpacing={8}>
              <Table.Thead>
                <Table.Tr>
                  {(['name', 'types', 'after', 'daily', 'blanked', 'look'] as const).map((column) => (
                    <Table.Th key={column}>{t(column)}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data?.map((row) => (
                  <Line key={row.id} row={row} onLook={() => setOpen(row.id)} />
                ))}
              </Table.Tbody>
            </Table>
          </section>
        </>
      )}
      {shown && <Look row={shown} onClose={() => setOpen(undefined)} />}
      <Suspense>
        {isMaking && kind && (
          <CreateForm kind={kind} onClose={() => setMaking(false)} onMade={() => undefined} />
        )}
      </Suspense>
    </>
  );
}
