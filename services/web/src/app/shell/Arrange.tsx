// SPDX-License-Identifier: Apache-2.0
// Entries of the sidebar by drag or by arrows, shown or hidden, put together in groups of one's own.
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { ActionIcon, Button, Group, Modal, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical, IconX } from '@tabler/icons-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useSession } from '@/api/session';
import type { NavDefinition, Place } from '../area';
import { prefer, preferences, type SidebarGroup, usePreferences } from '../preferences';
import { navigation } from '../registry';
import { useTexts } from '../texts';
import { useWorkspace } from '../workspace';
import classes from './Arrange.module.css';
import { Links } from './Links';
import { entriesOf, entriesOfGroup, grouped, moved } from './navigation';
import { close } from './state';

/** Where entries stand: a group of the person's, or the section that they come from. */
interface Home {
  section: string;
  group?: string;
}

const inGroup = (path: string, to: string | undefined, before?: string) =>
  prefer({ sidebarGroups: grouped(preferences().sidebarGroups, path, to, before) });

/** An element that entries can be dropped on. */
function useDrop(
  ref: RefObject<HTMLElement | null>,
  canTake: (from: Home) => boolean,
  take: (path: string, from: Home) => void,
) {
  const [over, setOver] = useState(false);
  const latest = useRef({ canTake, take });
  useEffect(() => {
    latest.current = { canTake, take };
  });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => latest.current.canTake(source.data.home as Home),
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source, location }) => {
        setOver(false);
        // A row of a group takes what is dropped on it itself.
        if (location.current.dropTargets[0]?.element !== element) return;
        latest.current.take(source.data.path as string, source.data.home as Home);
      },
    });
  }, [ref]);
  return over;
}

interface RowProps {
  entry: NavDefinition;
  entries: NavDefinition[];
  home: Home;
  move: (from: number, to: number) => void;
}

function Row({ entry, entries, home, move }: RowProps) {
  const t = useTexts();
  const ref = useRef<HTMLDivElement>(null);
  const { sidebarHidden, sidebarGroups } = usePreferences();
  const { section, group } = home;
  const index = entries.indexOf(entry);
  const isHidden = sidebarHidden.includes(entry.path);
  const over = useDrop(
    ref,
    (from) => group !== undefined || (from.group === undefined && from.section === section),
    (path, from) => {
      if (group !== undefined) inGroup(path, group, entry.path);
      else if (from.section === section)
        move(
          entries.findIndex((one) => one.path === path),
          index,
        );
    },
  );
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const home: Home = { section, ...(group === undefined ? {} : { group }) };
    return draggable({ element, getInitialData: () => ({ path: entry.path, home }) });
  }, [entry.path, section, group]);
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
      {sidebarGroups.length > 0 && (
        <Select
          size="xs"
          w={130}
          aria-label={`${t('group')}: ${entry.label()}`}
          placeholder={t('noGroup')}
          clearable
          value={group ?? null}
          onChange={(next) => inGroup(entry.path, next ?? undefined)}
          data={sidebarGroups.map(({ name }) => name)}
        />
      )}
      <ActionIcon
        aria-label={`${t('moveUp')}: ${entry.label()}`}
        disabled={index === 0}
        onClick={() => move(index, index - 1)}
      >
        <IconArrowUp size={14} />
      </ActionIcon>
      <ActionIcon
        aria-label={`${t('moveDown')}: ${entry.label()}`}
        disabled={index === entries.length - 1}
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
  const arranged = usePreferences();
  const section = places[0] ?? 'all';
  const entries = entriesOf(navigation, places, session, arranged, { withHidden: true });
  const move = (from: number, to: number) =>
    prefer({
      sidebar: { ...arranged.sidebar, [section]: moved(entries, from, to).map((entry) => entry.path) },
    });
  if (!entries.length) return null;
  return (
    <Stack gap={2} role="group" aria-label={title}>
      <Text fw={600} size="sm">
        {title}
      </Text>
      {entries.map((entry) => (
        <Row key={entry.path} entry={entry} entries={entries} home={{ section }} move={move} />
      ))}
    </Stack>
  );
}

function OwnGroup({ group, places }: { group: SidebarGroup; places: Place[] }) {
  const t = useTexts();
  const session = useSession();
  const ref = useRef<HTMLDivElement>(null);
  const arranged = usePreferences();
  const entries = entriesOfGroup(navigation, group, places, session, arranged, { withHidden: true });
  const over = useDrop(
    ref,
    (from) => from.group !== group.name,
    (path) => inGroup(path, group.name),
  );
  const move = (from: number, to: number) => {
    const path = entries[from]?.path;
    const after = moved(entries, from, to);
    const at = after.findIndex((entry) => entry.path === path);
    if (path) inGroup(path, group.name, after[at + 1]?.path);
  };
  const remove = () =>
    prefer({ sidebarGroups: arranged.sidebarGroups.filter(({ name }) => name !== group.name) });
  return (
    <Stack ref={ref} gap={2} role="group" aria-label={group.name}>
      <Group className={classes.row} data-over={over || undefined} justify="space-between">
        <Text fw={600} size="sm">
          {group.name}
        </Text>
        <ActionIcon aria-label={t('removeGroup', { name: group.name })} onClick={remove}>
          <IconX size={14} />
        </ActionIcon>
      </Group>
      {entries.map((entry) => (
        <Row
          key={entry.path}
          entry={entry}
          entries={entries}
          home={{ section: 'group', group: group.name }}
          move={move}
        />
      ))}
      {!entries.length && (
        <Text size="xs" c="dimmed">
          {t('emptyGroup')}
        </Text>
      )}
    </Stack>
  );
}

function NewGroup() {
  const t = useTexts();
  const { sidebarGroups } = usePreferences();
  const [name, setName] = useState('');
  const wanted = name.trim();
  const isThere = sidebarGroups.some((group) => group.name === wanted);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted && !isThere) prefer({ sidebarGroups: [...sidebarGroups, { name: wanted, paths: [] }] });
        setName('');
      }}
    >
      <Group gap="xs" wrap="nowrap">
        <TextInput
          className={classes.label}
          aria-label={t('newGroup')}
          placeholder={t('newGroup')}
          maxLength={40}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!wanted || isThere}>
          {t('addGroup')}
        </Button>
      </Group>
    </form>
  );
}

export default function Arrange() {
  const t = useTexts();
  const { workspace } = useWorkspace();
  const { sidebarGroups } = usePreferences();
  return (
    <Modal opened onClose={close} title={t('arrange')} size={560}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('arrangeHint')}
        </Text>
        <Section places={[workspace, 'all']} title={t(workspace)} />
        {sidebarGroups.map((group) => (
          <OwnGroup key={group.name} group={group} places={[workspace, 'all', 'administration']} />
        ))}
        <Section places={['administration']} title={t('administration')} />
        <NewGroup />
        <Links />
        <Button onClick={close}>{t('done')}</Button>
      </Stack>
    </Modal>
  );
}
