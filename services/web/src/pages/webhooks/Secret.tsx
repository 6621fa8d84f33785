// SPDX-License-Identifier: Apache-2.0
// What deliveries are signed with; shown only when somebody asks.
import { Button, Group, Text, Title } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act } from '@/api/act';
import { request } from '@/api/client';
import type { components } from '@/api/schema';
import { formatInstantLong, useForms } from '@/ui/format';
import { useTexts } from './pageTexts';
import classes from './Webhooks.module.css';

type Secrets = components['schemas']['WebhookSecrets'];

export function Secret({ id }: { id: string }) {
  const t = useTexts();
  useForms();
  const client = useQueryClient();
  const [isShown, setShown] = useState(false);
  const { data } = useQuery({
    queryKey: ['webhook-secret', id],
    queryFn: ({ signal }) => request<Secrets>('GET', `webhooks/${id}/secret`, { signal }),
    enabled: isShown,
    gcTime: 0,
  });
  const rotate = () =>
    void act(client, {
      method: 'POST',
      path: `webhooks/${id}:rotateSecret`,
      body: {},
      label: t('rotate'),
      done: t('rotated'),
      undo: false,
    })
      .then(() => client.invalidateQueries({ queryKey: ['webhook-secret', id] }))
      .catch(() => undefined);
  return (
    <section>
      <Title order={3} size="h4" mb={4}>
        {t('secret')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('secretHint')}
      </Text>
      {isShown && data && (
        <Text component="div" size="sm" mb="xs">
          <code className={classes.secret}>{data.secret}</code>
          {data.former_until && <div>{t('former', { when: formatInstantLong(data.former_until) })}</div>}
        </Text>
      )}
      <Group gap="xs">
        {!isShown && (
          <Button variant="default" onClick={() => setShown(true)}>
            {t('show')}
          </Button>
        )}
        <Button variant="default" onClick={rotate}>
          {t('rotate')}
        </Button>
      </Group>
    </section>
  );
}
