// SPDX-License-Identifier: Apache-2.0
// Segments that the customer fits, since when, and the campaigns that reach them by these.
import { Badge, Group, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { request } from '@/api/client';
import { fieldOf, useKinds } from '@/api/kinds';
import type { components } from '@/api/schema';
import type { PanelProps } from '@/app/area';
import { EnumBadge } from '@/kind/field/Value';
import { formatAgo, formatInstant, useForms } from '@/ui/format';
import { Card } from './Card';
import classes from './Customer.module.css';
import { useTexts } from './pageTexts';

type CustomerPage = components['schemas']['CustomerPage'];

const belongsQuery = (customer: string) => ({
  queryKey: ['belongs', customer],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    request<CustomerPage>('GET', `customers/${customer}`, { query: { timeline: 1 }, signal }),
  meta: { live: { customer, kinds: ['segments', 'campaigns'] } },
});

export default function Belongs({ row }: PanelProps) {
  const t = useTexts();
  useForms();
  const book = useKinds();
  const { data } = useQuery(belongsQuery(row.id));
  const segments = data?.segments ?? [];
  const campaigns = data?.campaigns ?? [];
  const campaign = book.byPlural('campaigns');
  const state = campaign && fieldOf(campaign, 'state');
  return (
    <>
      {segments.length > 0 && (
        <Card title={t('segments')}>
          {segments.map((one) => (
            <Group key={one.id} justify="space-between" wrap="nowrap" gap="xs" className={classes.line}>
              <Link to={`/segments/${one.id}`} className={classes.link}>
                {one.name ?? one.id}
              </Link>
              {one.since && (
                <Tooltip label={formatInstant(one.since)}>
                  <Text size="xs" c="dimmed" className={classes.when}>
                    {formatAgo(one.since)}
                  </Text>
                </Tooltip>
              )}
            </Group>
          ))}
        </Card>
      )}
      {campaigns.length > 0 && (
        <Card title={t('campaigns')}>
          {campaigns.map((one) => (
            <Group key={one.id} justify="space-between" wrap="nowrap" gap="xs" className={classes.line}>
              <Link to={`/campaigns/${one.id}`} className={classes.link}>
                {one.name ?? one.id}
              </Link>
              {state && one.state ? (
                <EnumBadge field={state} name={one.state} />
              ) : (
                one.state && <Badge color="gray">{one.state}</Badge>
              )}
            </Group>
          ))}
        </Card>
      )}
    </>
  );
}
