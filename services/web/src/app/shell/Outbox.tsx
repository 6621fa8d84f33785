// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { queue, useOutbox } from '@/api/queue';
import { formatAgo } from '@/ui/format';
import { useTexts } from '../texts';
import { close } from './state';

/** What was done without a connection and waits, and what the node refused afterwards. */
export default function Outbox() {
  const t = useTexts();
  const { waiting, refused, sending } = useOutbox();
  const all = [...refused, ...waiting];
  return (
    <Modal opened onClose={close} title={t('outbox')}>
      <Stack gap="sm">
        {!all.length && <Text c="dimmed">{t('outboxEmpty')}</Text>}
        {all.map((command) => (
          <Group key={command.key} justify="space-between" wrap="nowrap" align="flex-start">
            <div>
              <Text>{command.label}</Text>
              <Text size="xs" c={command.refused ? 'var(--mantine-color-error)' : 'dimmed'}>
                {command.refused ?? formatAgo(new Date(command.at).toISOString())}
              </Text>
            </div>
            <Group gap={4} wrap="nowrap">
              {command.refused && (
                <Button size="compact-xs" variant="default" onClick={() => void queue.retry(command.key)}>
                  {t('retry')}
                </Button>
              )}
              <Button
                size="compact-xs"
                variant="subtle"
                color="red"
                onClick={() => void queue.discard(command.key)}
              >
                {t('discard')}
              </Button>
            </Group>
          </Group>
        ))}
        {waiting.length > 0 && (
          <Button loading={sending} onClick={() => void queue.flush()}>
            {t('sendNow')}
          </Button>
        )}
      </Stack>
    </Modal>
  );
}
