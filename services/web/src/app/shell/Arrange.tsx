// SPDX-License-Identifier: Apache-2.0
// Entries of the sidebar by drag or by arrows, shown or hidden.
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Button, Group, Modal, Stack, Switch, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useSession } from '@/api/session';
import type { NavDefinition, Place } from '../area';
import { prefer, usePreferences } from '../preferences';
import { navigation } from '../registry';
import { useTexts } from '../texts';
import { useWorkspace } from '../workspace';
import classes from './Arrange.module.css';
import { entriesOf, moved } from './navigation';
import { close } from './state';

interface RowProps {
  entry: NavDefinition;
  index: number;
  count: number;
  section: string;
  isHidden: boolean;
  move: (from: number, to: number) => void;
}

function Row({ entry, index, count, section, isHidden, move }: RowProps) {
  const t = useTexts();
  const ref = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);
  const { sidebarHidden } = usePreferences();
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const stopDrag = draggable({ element, getInitialData: () => ({ section, index }) });
    const stopDrop = dropTargetForElements({
      element,
      canDrop: ({ source }) => source.data.section === section,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        move(source.data.index as number, index);
      },
    });
    return () => {
      stopDrag();
      stopDrop();
    };
  }, [index, section, move]);
  const toggle = () =>
    prefer({
      sidebarHidden: isHidden
        ? sidebarHidden.filter((path) => path !== entry.path)
        : [...sidebarHidden, entry.path],
    });
  return (
    <Group ref={ref} className={classes.row} data-over={over || undefined} gap="xs" wrap="nowrap">
      <IconGripVertical size={14} className={classes.grip} aria-hidden />
      <entry.icon size={16} stroke={1.7} />
      <Text size="sm" className={classes.label}>
        {entry.label()}
      </Text>
      <ActionIcon aria-label={t('moveUp')} disabled={index === 0} onClick={() => move(index, index - 1)}>
        <IconArrowUp size={14} />
      </ActionIcon>
      <ActionIcon
        aria-label={t('moveDown')}
        disabled={index === count - 1}
        onClick={() => move(index, index + 1)}
      >
        <IconArrowDown size={14} />
      </ActionIcon>
      <Switch checked={!isHidden} onChange={toggle} aria-label={`${t('showEntry')}: ${entry.label()}`} />
    </Group>
  );
}

function Section({ places, title }: { places: Place[]; title: string }) {
  const session = useSession();
  const preferences = usePreferences();
  const section = places[0] ?? 'all';
  const entries = entriesOf(navigation, places, session, preferences, { withHidden: true });
  const move = (from: number, to: number) =>
    prefer({
      sidebar: { ...preferences.sidebar, [section]: moved(entries, from, to).map((entry) => entry.path) },
    });
  if (!entries.length) return null;
  return (
    <Stack gap={2}>
      <Text fw={600} size="sm">
        {title}
      </Text>
      {entries.map((entry, index) => (
        <Row
          key={entry.path}
          entry={entry}
          index={index}
          count={entries.length}
          section={section}
          isHidden={preferences.sidebarHidden.includes(entry.path)}
          move={move}
        />
      ))}
    </Stack>
  );
}

export default function Arrange() {
  const t = useTexts();
  const { workspace } = useWorkspace();
  return (
    <Modal opened onClose={close} title={t('arrange')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('arrangeHint')}
        </Text>
        <Section places={[workspace, 'all']} title={t(workspace)} />
        <Section places={['administration']} title={t('administration')} />
        <Button onClick={close}>{t('done')}</Button>
      </Stack>
    </Modal>
  );
}
