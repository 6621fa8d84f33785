// SPDX-License-Identifier: Apache-2.0
// On the page of a person or a role: the app as they see it.
import { Button, Stack, Text } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useSession } from '@/api/session';
import { lookAs } from '@/api/view';
import type { PanelProps } from '@/app/area';
import { nameOf } from '@/kind/field/Reference';
import { useTexts } from './pageTexts';

export default function LookAsThis({ kind, row }: PanelProps) {
  const t = useTexts();
  const { administrator, user } = useSession();
  if (!administrator || row.id === user?.id) return null;
  const name = nameOf(kind, row);
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t('hint')}
      </Text>
      <Button
        variant="default"
        leftSection={<IconEye size={15} />}
        onClick={() => lookAs({ id: row.id, name })}
      >
        {t('lookAs', { name })}
      </Button>
    </Stack>
  );
}
