// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text } from '@mantine/core';
import { IconCloudOff, IconCloudUp, IconExclamationCircle } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { isReachable, onReachable } from '@/api/client';
import { useOutbox } from '@/api/queue';
import { useTexts } from '../texts';
import classes from './Banner.module.css';
import { show } from './state';

/** Says that there is no connection, what waits because of it, and what was refused afterwards. */
export function Banner() {
  const t = useTexts();
  const reachable = useSyncExternalStore(onReachable, isReachable);
  const { waiting, refused } = useOutbox();
  if (reachable && !waiting.length && !refused.length) return null;
  const Icon = !reachable ? IconCloudOff : refused.length ? IconExclamationCircle : IconCloudUp;
  return (
    <div
      className={classes.banner}
      role="status"
      data-refused={(reachable && refused.length > 0) || undefined}
    >
      <Group gap="xs" wrap="nowrap">
        <Icon size={16} />
        <Text size="sm">
          {[
            !reachable && t('offline'),
            waiting.length > 0 && `${t('waits', { count: waiting.length })}.`,
            refused.length > 0 && `${t('refused', { count: refused.length })}.`,
          ]
            .filter(Boolean)
            .join(' ')}
        </Text>
      </Group>
      {waiting.length + refused.length > 0 && (
        <Button size="compact-xs" variant="default" onClick={() => show('outbox')}>
          {t('show')}
        </Button>
      )}
    </div>
  );
}
