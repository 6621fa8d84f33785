// SPDX-License-Identifier: Apache-2.0
import { Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { useSession } from '@/api/session';
import { groupBy } from '@/ui/groups';
import { Keys } from '@/ui/Keys';
import { shownKeys } from '../keys';
import { actions } from '../registry';
import { useTexts } from '../texts';
import { keysOf } from '../useActions';
import { type KeyHint, keyHints } from './keyHints';
import { close } from './state';

function Section({ title, all }: { title: string; all: KeyHint[] }) {
  return (
    <Stack gap={6} role="group" aria-label={title}>
      <Text fw={650}>{title}</Text>
      {all.map(({ label, keys }) => (
        <Group key={label} justify="space-between" wrap="nowrap">
          <Text size="sm">{label}</Text>
          <Group gap={8} wrap="nowrap">
            {keys.map((one) => (
              <Keys key={one} keys={one} />
            ))}
          </Group>
        </Group>
      ))}
    </Stack>
  );
}

/** Every key there is: of actions from the same table that makes them work, and of parts that take them themselves. */
export default function KeysPage() {
  const t = useTexts();
  const session = useSession();
  const keyed = actions.filter((action) => keysOf(action).length && (!action.when || action.when(session)));
  const groups = groupBy(keyed, (action) => action.group());
  return (
    <Modal opened onClose={close} title={t('keysOfPage')} size={760}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing="md">
        {[...groups].map(([group, all]) => (
          <Section
            key={group}
            title={group}
            all={all.map((action) => ({ label: action.label(), keys: keysOf(action) }))}
          />
        ))}
        {keyHints().map(({ group, hints }) => (
          <Section key={group} title={group} all={hints} />
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="lg">
        {t('keysHint', { mod: shownKeys('mod')[0]?.[0] ?? '' })}
      </Text>
    </Modal>
  );
}
