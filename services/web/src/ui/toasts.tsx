// SPDX-License-Identifier: Apache-2.0
// How a toast looks, and where they stand. Loaded behind the first screen: see toast.ts.
import '@mantine/notifications/styles.layer.css';
import { Button, Group, Text } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import { newId } from '@/api/id';
import type { Saying } from './toast';

export default function Toasts() {
  return <Notifications position="bottom-center" limit={3} zIndex={500} />;
}

export function show(text: string, { id, action, color }: Saying = {}) {
  const shown = id ?? newId();
  if (id) notifications.hide(id);
  notifications.show({
    id: shown,
    autoClose: action ? 8000 : 4000,
    withCloseButton: false,
    ...(color ? { color } : {}),
    message: (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm">{text}</Text>
        {action && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              notifications.hide(shown);
              action.run();
            }}
          >
            {action.label}
          </Button>
        )}
      </Group>
    ),
  });
}
