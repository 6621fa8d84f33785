// SPDX-License-Identifier: Apache-2.0
// The buttons at the head of a record page.
import { ActionIcon, Group, Menu, Text, Tooltip } from '@mantine/core';
import {
  IconArchive,
  IconArchiveOff,
  IconArrowBackUp,
  IconBell,
  IconBellFilled,
  IconBolt,
  IconChevronDown,
  IconChevronUp,
  IconDots,
  IconHistory,
  IconLink,
  IconStar,
  IconStarFilled,
} from '@tabler/icons-react';
import { Suspense, useMemo, useState } from 'react';
import { type Command, type Kind, useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useMayWith } from '@/api/session';
import { later } from '@/app/offline/later';
import { actions, panels } from '@/app/registry';
import { useFavouriteHere } from '@/app/shell/favourites';
import { useTexts as useShellTexts } from '@/app/texts';
import { useBound } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { useOfferTarget } from '../bulk/store';
import { usePast } from '../past/moment';
import { useTexts } from '../texts';
import { verbLabel } from './command';
import { useRecordActs } from './useRecord';

const CommandForm = later(() => import('./CommandForm'));

interface RecordActionsProps {
  kind: Kind;
  id: string;
  row: Row | undefined;
  /** Names of commands ("deal.win") that the page offers itself. */
  without?: string[];
}

export function RecordActions({ kind, id, row, without = [] }: RecordActionsProps) {
  const t = useTexts();
  const shell = useShellTexts();
  const book = useKinds();
  const may = useMayWith();
  const { labelText } = useSchemaTexts();
  const acts = useRecordActs(kind, id, row);
  const favourite = useFavouriteHere();
  const [command, setCommand] = useState<Command>();
  const past = usePast();
  const bound = useBound();
  useOfferTarget(useMemo(() => (row && !past ? { kind, rows: [row] } : undefined), [kind, row, past]));
  const covered = panels
    .filter((panel) => panel.kind === kind.plural)
    .flatMap((panel) => panel.covers?.commands ?? []);
  const own = actions.filter((one) => one.menu === kind.plural && bound.has(one.id));
  const commands =
    may('change', kind, row) && !past
      ? book
          .commandsOf(kind.plural)
          .filter((one) => !without.includes(one.name) && !covered.includes(one.name))
      : [];
  const StarIcon = favourite.is ? IconStarFilled : IconStar;
  const BellIcon = acts.following.is ? IconBellFilled : IconBell;
  return (
    <Group gap={2} wrap="nowrap">
      {acts.of !== undefined && (
        <Group gap={0} wrap="nowrap" visibleFrom="sm">
          <Text size="xs" c="dimmed" mr={4}>
            {(acts.at ?? 0) + 1} / {acts.of}
          </Text>
          <Tooltip label={t('previousRecord')}>
            <ActionIcon
              aria-label={t('previousRecord')}
              disabled={!acts.previous}
              onClick={acts.previous || undefined}
            >
              <IconChevronUp size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('nextRecord')}>
            <ActionIcon aria-label={t('nextRecord')} disabled={!acts.next} onClick={acts.next || undefined}>
              <IconChevronDown size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      )}
      <Tooltip label={shell(favourite.is ? 'removeFavourite' : 'addFavourite')}>
        <ActionIcon
          aria-label={shell(favourite.is ? 'removeFavourite' : 'addFavourite')}
          aria-pressed={favourite.is}
          onClick={favourite.toggle}
        >
          <StarIcon size={16} />
        </ActionIcon>
      </Tooltip>
      {acts.following.toggle && (
        <Tooltip label={t(acts.following.is ? 'unfollow' : 'follow')}>
          <ActionIcon
            aria-label={t(acts.following.is ? 'unfollow' : 'follow')}
            aria-pressed={acts.following.is}
            onClick={acts.following.toggle}
          >
            <BellIcon size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      {bound.has('record.past') && (
        <Tooltip label={t('past')}>
          <ActionIcon aria-label={t('past')} onClick={bound.get('record.past')}>
            <IconHistory size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <Menu width={230}>
        <Menu.Target>
          <ActionIcon aria-label={t('more')}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {commands.map((one) => (
            <Menu.Item key={one.name} leftSection={<IconBolt size={14} />} onClick={() => setCommand(one)}>
              {labelText(verbLabel(one))}
            </Menu.Item>
          ))}
          {own.map((one) => {
            const Sign = one.icon ?? IconBolt;
            return (
              <Menu.Item key={one.id} leftSection={<Sign size={14} />} onClick={bound.get(one.id)}>
                {one.label()}
              </Menu.Item>
            );
          })}
          {commands.length + own.length > 0 && <Menu.Divider />}
          <Menu.Item leftSection={<IconLink size={14} />} onClick={acts.copy}>
            {t('copyLink')}
          </Menu.Item>
          {acts.canChange && (
            <Menu.Item leftSection={<IconArrowBackUp size={14} />} onClick={acts.undo}>
              {t('undoLast')}
            </Menu.Item>
          )}
          {acts.canArchive && (
            <Menu.Item
              leftSection={row?.archived === true ? <IconArchiveOff size={14} /> : <IconArchive size={14} />}
              onClick={row?.archived === true ? acts.restore : acts.archive}
            >
              {t(row?.archived === true ? 'restore' : 'archive')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {command && row && (
        <Suspense>
          <CommandForm kind={kind} row={row} command={command} onClose={() => setCommand(undefined)} />
        </Suspense>
      )}
    </Group>
  );
}
