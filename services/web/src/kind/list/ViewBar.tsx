// SPDX-License-Identifier: Apache-2.0
// Views of a list, its filter, columns and groups; and whether all that is saved.
import { ActionIcon, Badge, Button, Group, Indicator, Menu, Popover } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  IconAdjustmentsHorizontal,
  IconChevronDown,
  IconDeviceFloppy,
  IconDots,
  IconFilter,
  IconLayoutKanban,
  IconRestore,
  IconTable,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { act } from '@/api/act';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { useUserId } from '@/api/session';
import { isViewing } from '@/api/view';
import { patient } from '@/app/offline/patient';
import { type SavedView, viewsQuery } from '@/app/shell/favourites';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { shapeOf } from '../field/shape';
import { countConditions, parseFilter } from '../filter/model';
import { useTexts } from '../texts';
import { type List, useLook } from './useList';
import classes from './ViewBar.module.css';

const FilterBuilder = lazy(patient(() => import('../filter/FilterBuilder')));
const NewView = lazy(patient(() => import('./NewView')));
const OptionsPanel = lazy(patient(() => import('./OptionsPanel')));

const conditions = (text: string): number => {
  try {
    return countConditions(parseFilter(text));
  } catch {
    return text ? 1 : 0;
  }
};

function useViewActs(list: List) {
  const client = useQueryClient();
  const t = useTexts();
  const { kind, state, view, open } = list;
  const body = () => ({
    filter: state.filter || null,
    order_by: state.order || null,
    columns: state.columns.join(','),
    group_by: state.group || null,
    layout: state.layout === 'table' ? null : state.layout,
  });
  const fresh = () => client.invalidateQueries({ queryKey: viewsQuery.queryKey });
  const update = async () => {
    if (!view) return;
    await act(client, {
      method: 'PATCH',
      path: `views/${view.id}`,
      body: body(),
      label: view.name,
      record: { plural: 'views', id: view.id },
      undo: true,
      done: t('savedView'),
    });
    await fresh();
    open(view.id);
  };
  const create = async (name: string, sharing: string) => {
    const said = Object.fromEntries(Object.entries(body()).filter(([, value]) => value !== null));
    const made = await act<Row>(client, {
      method: 'POST',
      path: 'views',
      body: { ...said, name, of: kind.plural, sharing },
      label: name,
      done: t('savedView'),
    });
    await fresh();
    if (made) open(made.id);
  };
  const remove = async (gone: SavedView) => {
    await act(client, {
      method: 'DELETE',
      path: `views/${gone.id}`,
      label: gone.name,
      record: { plural: 'views', id: gone.id },
      undo: true,
      done: t('deletedView'),
    });
    open(undefined);
    await fresh();
  };
  const calm = (what: Promise<void>) => void what.catch(() => undefined);
  return {
    update: () => calm(update()),
    create: (name: string, sharing: string) => calm(create(name, sharing)),
    remove: (gone: SavedView) => calm(remove(gone)),
  };
}

function ViewMenu({ list }: { list: List }) {
  const t = useTexts();
  const { pluralText, innerLabel } = useSchemaTexts();
  const { kind, view, views, open } = list;
  return (
    <Menu position="bottom-start" width={230}>
      <Menu.Target>
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconTable size={14} />}
          rightSection={<IconChevronDown size={13} />}
        >
          {view?.name ?? t('allOf', { kind: innerLabel(pluralText(kind.plural)) })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => open(undefined)}>
          {t('allOf', { kind: innerLabel(pluralText(kind.plural)) })}
        </Menu.Item>
        {views.length > 0 && <Menu.Divider />}
        {views.map((one) => (
          <Menu.Item key={one.id} onClick={() => open(one.id)}>
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface ButtonProps {
  list: List;
  opened: boolean;
  setOpened: (is: boolean) => void;
}

function FilterButton({ list, opened, setOpened }: ButtonProps) {
  const t = useTexts();
  const [text, setText] = useState(list.state.filter);
  // Another view, or the way back, brings another filter.
  useEffect(() => setText(list.state.filter), [list.state.filter]);
  const apply = useDebouncedCallback((filter: string) => list.set({ filter }), 400);
  const count = conditions(list.state.filter);
  const problem =
    list.error instanceof ApiError && list.error.status === 400 && text === list.state.filter
      ? (list.error.problem.detail ?? '').replace(/^filter: /, '')
      : undefined;
  return (
    <Indicator disabled={!problem} color="red.8" size={8}>
      <Popover opened={opened} onChange={setOpened} width={760} position="bottom-end" trapFocus>
        <Popover.Target>
          <Button
            variant={count ? 'light' : 'subtle'}
            color={count ? 'indigo' : 'gray'}
            size="compact-sm"
            leftSection={<IconFilter size={14} />}
            onClick={() => setOpened(!opened)}
            aria-expanded={opened}
          >
            {t('filter')}
            {count > 0 && ` · ${count}`}
          </Button>
        </Popover.Target>
        <Popover.Dropdown className={classes.dropdown}>
          <Suspense>
            {opened && (
              <FilterBuilder
                kind={list.kind}
                text={text}
                problem={problem}
                onChange={(next) => {
                  setText(next);
                  apply(next);
                }}
              />
            )}
          </Suspense>
        </Popover.Dropdown>
      </Popover>
    </Indicator>
  );
}

function OptionsButton({ list, opened, setOpened }: ButtonProps) {
  const t = useTexts();
  return (
    <Popover opened={opened} onChange={setOpened} width={300} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconAdjustmentsHorizontal size={14} />}
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
        >
          {t('options')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense>{opened && <OptionsPanel list={list} />}</Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The same records as a table or as a board; kept in this browser for the next time. */
function LayoutButton({ list }: { list: List }) {
  const t = useTexts();
  const [, look] = useLook(list.kind.plural);
  const isBoard = list.state.layout === 'board';
  if (!isBoard && !list.kind.fields.some((field) => shapeOf(field) === 'enum')) return null;
  const layout = isBoard ? 'table' : 'board';
  const Picture = isBoard ? IconTable : IconLayoutKanban;
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      leftSection={<Picture size={14} />}
      onClick={() => {
        if (!list.view) look({ layout });
        list.set({ layout });
      }}
    >
      {t(layout)}
    </Button>
  );
}

export function ViewBar({ list }: { list: List }) {
  const t = useTexts();
  const user = useUserId();
  const { update, create, remove } = useViewActs(list);
  const [naming, setNaming] = useState(false);
  const [open, setOpen] = useState<'filter' | 'options'>();
  const { view, isDirty, state, set } = list;
  const isMine = !!view && (!view.owner || view.owner === user);
  useActions({
    'list.filter': () => setOpen('filter'),
    'list.columns': () => setOpen('options'),
    'list.save': isDirty ? () => (isMine ? update() : setNaming(true)) : undefined,
  });
  return (
    <div className={classes.bar}>
      <Group gap={6} wrap="nowrap">
        <ViewMenu list={list} />
        {isDirty && (
          <Group gap={4} wrap="nowrap">
            <Badge color="yellow" visibleFrom="sm">
              {t('unsaved')}
            </Badge>
            {isMine && (
              <Button
                size="compact-xs"
                variant="light"
                leftSection={<IconDeviceFloppy size={13} />}
                onClick={update}
              >
                {t('save')}
              </Button>
            )}
            <Button size="compact-xs" variant="subtle" onClick={() => setNaming(true)}>
              {t('saveAsNew')}
            </Button>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={<IconRestore size={13} />}
              onClick={() => list.open(view?.id)}
              visibleFrom="sm"
            >
              {t('discardChanges')}
            </Button>
          </Group>
        )}
      </Group>
      <Group gap={4} wrap="nowrap">
        <LayoutButton list={list} />
        <FilterButton
          list={list}
          opened={open === 'filter'}
          setOpened={(is) => setOpen(is ? 'filter' : undefined)}
        />
        <OptionsButton
          list={list}
          opened={open === 'options'}
          setOpened={(is) => setOpen(is ? 'options' : undefined)}
        />
        <Menu width={220}>
          <Menu.Target>
            <ActionIcon aria-label={t('more')}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {/* A link says nothing of whom one looks as: it would export with one's own rights. */}
            {!isViewing() && (
              <>
                <Menu.Item component="a" href={exportPath(list, 'csv')} download>
                  {t('exportCsv')}
                </Menu.Item>
                <Menu.Item component="a" href={exportPath(list, 'jsonl')} download>
                  {t('exportJson')}
                </Menu.Item>
              </>
            )}
            <Menu.Item onClick={() => set({ archived: !state.archived })}>
              {state.archived ? '✓ ' : ''}
              {t('showArchived')}
            </Menu.Item>
            {isMine && view && (
              <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => remove(view)}>
                {t('deleteView')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <Suspense>{naming && <NewView onSave={create} onClose={() => setNaming(false)} />}</Suspense>
    </div>
  );
}

function exportPath({ kind, state }: List, format: string): string {
  const query = new URLSearchParams({ format, columns: state.columns.join(',') });
  if (state.filter) query.set('filter', state.filter);
  return `/api/v1/${kind.plural}:export?${query}`;
}
