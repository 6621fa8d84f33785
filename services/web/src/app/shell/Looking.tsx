// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useSession } from '@/api/session';
import { lookAsOneself } from '@/api/view';
import { useTexts } from '../texts';
import classes from './Banner.module.css';

/** Says that what is on the screen is what somebody else sees, and leads back. */
export function Looking() {
  const t = useTexts();
  const { user } = useSession();
  return (
    <div className={classes.banner} role="status" data-looking>
      <Group gap="xs" wrap="nowrap">
        <IconEye size={16} />
        <Text size="sm" fw={600}>
          {t('looksAs', { name: user?.name ?? '' })}
        </Text>
      </Group>
      <Button size="compact-xs" variant="default" onClick={() => lookAsOneself()}>
        {t('lookAsOneself')}
      </Button>
    </div>
  );
}
