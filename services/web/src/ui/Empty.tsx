// SPDX-License-Identifier: Apache-2.0
import { Center, Stack, Text, ThemeIcon } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface EmptyProps {
  icon: Icon;
  title: string;
  /** How the first one is made, or why there is none. */
  hint?: string;
  /** The button that does so. */
  children?: ReactNode;
}

/** Where there is nothing to show: what would be here, and the way to the first one. */
export function Empty({ icon: Sign, title, hint, children }: EmptyProps) {
  return (
    <Center p="xl" mih={220}>
      <Stack align="center" gap="xs" maw={360}>
        <ThemeIcon variant="light" color="gray" size={44} radius="xl">
          <Sign size={22} stroke={1.5} />
        </ThemeIcon>
        <Text fw={600} ta="center">
          {title}
        </Text>
        {hint && (
          <Text c="dimmed" size="sm" ta="center">
            {hint}
          </Text>
        )}
        {children}
      </Stack>
    </Center>
  );
}
