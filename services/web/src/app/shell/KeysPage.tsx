// SPDX-License-Identifier: Apache-2.0
import { Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { useSession } from '@/api/session';
import { groupBy } from '@/ui/groups';
import { Keys } from '@/ui/Keys';
import { shownKeys } from '../keys';
import { actions } from '../registry';
import { useTexts } from '../texts';
import { keysOf } from '../useActions';
import { close } from './state';

/** Every key there is, from the same table that makes them work. */
export default function KeysPage() {
  const t = useTexts();
  const session = useSession();
  const keyed = actions.filter((action) => keysOf(action).length && (!action.when || action.when(session)));
  const groups = groupBy(keyed, (action) => action.group());
  return (
    <Modal opened onClose={close} title={t('keysOfPage')} size={760}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing="md">
        {[...groups].map(([group, all]) => (
          <Stack key={group} gap={6}>
            <Text fw={650}>{group}</Text>
            {all.map((action) => (
              <Group key={action.id} justify="space-between" wrap="nowrap">
                <Text size="sm">{action.label()}</Text>
                <Group gap={8} wrap="nowrap">
                  {keysOf(action).map((keys) => (
                    <Keys key={keys} keys={keys} />
                  ))}
                </Group>
              </Group>
            ))}
          </Stack>
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="lg">
        {t('keysHint', { mod: shownKeys('mod')[0]?.[0] ?? '' })}
      </Text>
    </Modal>
  );
}
