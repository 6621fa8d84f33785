// SPDX-License-Identifier: Apache-2.0
// For which purpose and on which channel we may get in touch, and why.
import { Badge, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { request } from '@/api/client';
import { type Command, useKinds } from '@/api/kinds';
import type { components } from '@/api/schema';
import { useMayWith } from '@/api/session';
import type { PanelProps } from '@/app/area';
import { later } from '@/app/offline/later';
import { useSchemaTexts } from '@/texts/schema';
import { Card } from './Card';
import { useTexts } from './pageTexts';

const CommandForm = later(() => import('@/kind/record/CommandForm'));

type Consents = components['schemas']['Consents'];
type Use = components['schemas']['ConsentUse'];

const consentsQuery = (customer: string) => ({
  queryKey: ['consents', customer],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    request<Consents>('GET', `customers/${customer}/consents`, { signal }),
  meta: { live: { customer } },
});

function Purpose({ purpose, uses }: { purpose: string; uses: Use[] }) {
  const t = useTexts();
  const { valueText } = useSchemaTexts();
  const allowed = uses.filter((one) => one.allowed);
  const why = [...new Set(uses.map((one) => one.reason).filter(Boolean))].join('; ');
  return (
    <Tooltip label={why} disabled={!why} multiline maw={300}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm">{valueText(purpose)}</Text>
        <Badge size="sm" color={allowed.length ? 'teal' : 'gray'}>
          {allowed.length === 0
            ? t('noChannel')
            : allowed.length === uses.length
              ? t('allChannels')
              : allowed.map((one) => valueText(one.channel)).join(', ')}
        </Badge>
      </Group>
    </Tooltip>
  );
}

export default function ConsentsPanel({ kind, row }: PanelProps) {
  const t = useTexts();
  const may = useMayWith();
  const book = useKinds();
  const [command, setCommand] = useState<Command>();
  const { data } = useQuery(consentsQuery(row.id));
  if (!data) return null;
  const purposes = [...Map.groupBy(data.uses, (one) => one.purpose)];
  const commandOf = (verb: string) => book.commandsOf(kind.plural).find((one) => one.verb === verb);
  const offer = (['permit', 'withdraw', 'object'] as const).flatMap((verb) => {
    const found = may('change', kind, row) && commandOf(verb);
    return found ? [{ verb, found }] : [];
  });
  return (
    <Card title={t('consents')}>
      <Stack gap={6}>
        {data.do_not_contact && <Badge color="red">{t('doNotContact')}</Badge>}
        {purposes.map(([purpose, uses]) => (
          <Purpose key={purpose} purpose={purpose} uses={uses} />
        ))}
        <Group gap={6} mt={4}>
          {offer.map(({ verb, found }) => (
            <Button key={verb} size="compact-xs" variant="default" onClick={() => setCommand(found)}>
              {t(verb)}
            </Button>
          ))}
        </Group>
      </Stack>
      {command && (
        <Suspense>
          <CommandForm kind={kind} row={row} command={command} onClose={() => setCommand(undefined)} />
        </Suspense>
      )}
    </Card>
  );
}
