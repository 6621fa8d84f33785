// SPDX-License-Identifier: Apache-2.0
// Telling a range of events again.
import { Button, Group, Text, TextInput, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { act } from '@/api/act';
import type { components } from '@/api/schema';
import { useTexts } from './pageTexts';

interface ReplayProps {
  id: string;
  said: components['schemas']['Deliveries'] | undefined;
}

export function Replay({ id, said }: ReplayProps) {
  const t = useTexts();
  const client = useQueryClient();
  const [after, setAfter] = useState('start');
  const [until, setUntil] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void act(client, {
      method: 'POST',
      path: `webhooks/${id}:replay`,
      body: { after: after.trim(), ...(until.trim() ? { until: until.trim() } : {}) },
      label: t('replay'),
      done: t('replayAsked'),
      undo: false,
    })
      .then(() => client.invalidateQueries({ queryKey: ['deliveries', id] }))
      .catch(() => undefined);
  };
  return (
    <form onSubmit={submit}>
      <Title order={3} size="h4" mb={4}>
        {t('replay')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {said?.replay_until ? t('replaying', { cursor: said.replay_until }) : t('replayHint')}
      </Text>
      <Group align="flex-end" gap="sm">
        <TextInput
          label={t('after')}
          placeholder={t('afterHint')}
          required
          value={after}
          onChange={(event) => setAfter(event.currentTarget.value)}
        />
        <TextInput
          label={t('until')}
          placeholder={t('untilHint')}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <Button type="submit" variant="default">
          {t('replay')}
        </Button>
      </Group>
    </form>
  );
}
