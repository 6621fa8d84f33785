// SPDX-License-Identifier: Apache-2.0
// Short words at the corner of the screen.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { newId } from '@/api/id';
import { inWords } from '@/api/problem';

export interface Saying {
  /** The same id replaces what it said before. */
  id?: string;
  action?: { label: string; run: () => void };
  color?: string;
}

export function say(text: string, { id, action, color }: Saying = {}) {
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

export const sayFailure = (error: unknown) => say(inWords(error), { color: 'red' });
