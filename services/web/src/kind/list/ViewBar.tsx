// SPDX-License-Identifier: Apache-2.0
// Views of a list, its filter, columns and groups; and whether all that is saved.
import { ActionIcon, Badge, Button, Group, Indicator, Menu } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  IconAdjustmentsHorizontal,
  IconArrowsSort,
  IconChevronDown,
  IconDeviceFloppy,
  IconDots,
  IconFilter,
  IconLayoutKanban,
  IconRestore,
  IconTable,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, Suspense, useEffect, useState } from 'react';
import { act } from '@/api/act';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { useUserId } from '@/api/session';
import { later } from '@/app/offline/later';
import { type SavedView, viewsQuery } from '@/app/shell/favourites';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { Panel } from '@/ui/Panel';
import { shapeOf } from '../field/shape';
import { countConditions, parseFilter } from '../filter/model';
import { useTexts } from '../texts';
import { readOrder } from './state';
import { type List, useLook } from './useList';
import classes from './ViewBar.module.css';

const Chips = later(() => import('../filter/Chips'));
const FilterBuilder = later(() => import('../filter/FilterBuilder'));
const MoreMenu = later(() => import('./MoreMenu'));
const NewView = later(() => import('./NewView'));
const OptionsPanel = later(() => import('./OptionsPanel'));
const SortPanel = later(() => import('./SortPanel'));

const conditions = (text: string): number => {
  try {
    return countConditions(parseFilter(text));
  } catch {
    return text ? 1 : 0;
  }
};

/** What the node says against the filter; a refusal of the order is none. */
export function filterProblem(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.status !== 400) return undefined;
  const detail = error.problem.detail ?? '';
  return detail.startsWith('order_by') ? undefined : detail.replace(/^filter: /, '');
}

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
  const rename = async (name: string, sharing: string) => {
    if (!view) return;
    await act(client, {
      method: 'PATCH',
      path: `views/${view.id}`,
      body: { name, sharing },
      label: name,
      done: t('savedView'),
    });
    await fresh();
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
    rename: (name: string, sharing: string) => calm(rename(name, sharing)),
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

interface BarPanelProps {
  label: string;
  icon: typeof IconFilter;
  /** How many of it hold now; the button shows it. Undefined: nothing to count. */
  count?: number;
  width: number;
  className?: string | undefined;
  opened: boolean;
  setOpened: (is: boolean) => void;
  /** Drawn while it is open. */
  children: ReactNode;
}

/** A button of the bar with what opens below it. */
function BarPanel({ label, icon: Sign, count = 0, opened, setOpened, children, ...panel }: BarPanelProps) {
  return (
    <Panel
      {...panel}
      opened={opened}
      setOpened={setOpened}
      button={
        <Button
          variant={count ? 'light' : 'subtle'}
          color={count ? 'indigo' : 'gray'}
          size="compact-sm"
          leftSection={<Sign size={14} />}
          onClick={() => setOpened(!opened)}
          aria-expanded={opened}
        >
          {label}
          {count > 0 && ` · ${count}`}
        </Button>
      }
    >
      <Suspense>{opened && children}</Suspense>
    </Panel>
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
  const problem = text === list.state.filter ? filterProblem(list.error) : undefined;
  return (
    <Indicator disabled={!problem} color="red.8" size={8}>
      <BarPanel
        label={t('filter')}
        icon={IconFilter}
        count={count}
        width={760}
        className={classes.dropdown}
        opened={opened}
        setOpened={setOpened}
      >
        <FilterBuilder
          kind={list.kind}
          text={text}
          problem={problem}
          onChange={(next) => {
            setText(next);
            apply(next);
          }}
        />
      </BarPanel>
    </Indicator>
  );
}

function OptionsButton({ list, ...open }: ButtonProps) {
  const t = useTexts();
  return (
    <BarPanel label={t('options')} icon={IconAdjustmentsHorizontal} width={300} {...open}>
      <OptionsPanel list={list} />
    </BarPanel>
  );
}

function SortButton({ list, ...open }: ButtonProps) {
  const t = useTexts();
  const count = readOrder(list.state.order).length;
  return (
    <BarPanel
      label={t('sort')}
      icon={IconArrowsSort}
      count={count}
      width={430}
      className={classes.dropdown}
      {...open}
    >
      <SortPanel list={list} />
    </BarPanel>
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
  const { update, create, rename, remove } = useViewActs(list);
  const [naming, setNaming] = useState<'new' | 'rename'>();
  const [open, setOpen] = useState<'filter' | 'sort' | 'options'>();
  const { view, isDirty, state, set } = list;
  const isMine = !!view && (!view.owner || view.owner === user);
  const ids = [undefined, ...list.views.map((one) => one.id)];
  const step = (by: number) => () => list.open(ids.at((ids.indexOf(view?.id) + by) % ids.length));
  useActions({
    'list.filter': () => setOpen('filter'),
    'list.sort': list.kind.in_log ? undefined : () => setOpen('sort'),
    'list.columns': () => setOpen('options'),
    'list.viewNext': list.views.length ? step(1) : undefined,
    'list.viewBefore': list.views.length ? step(-1) : undefined,
    'list.save': isDirty ? () => (isMine ? update() : setNaming('new')) : undefined,
  });
  return (
    <div className={classes.bars}>
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
              <Button size="compact-xs" variant="subtle" onClick={() => setNaming('new')}>
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
          {!list.kind.in_log && (
            <SortButton
              list={list}
              opened={open === 'sort'}
              setOpened={(is) => setOpen(is ? 'sort' : undefined)}
            />
          )}
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
              <Suspense>
                <MoreMenu
                  list={list}
                  isMine={isMine}
                  onRename={() => setNaming('rename')}
                  onDuplicate={() => setNaming('new')}
                  onRemove={() => view && remove(view)}
                />
              </Suspense>
            </Menu.Dropdown>
          </Menu>
        </Group>
      </div>
      <Suspense>
        {naming && (
          <NewView
            title={naming === 'rename' && view ? view.name : t('saveAsNew')}
            view={naming === 'rename' ? view : undefined}
            onSave={naming === 'rename' ? rename : create}
            onClose={() => setNaming(undefined)}
          />
        )}
        {state.filter && (
          <Chips
            kind={list.kind}
            text={state.filter}
            onChange={(filter) => set({ filter })}
            onOpen={() => setOpen('filter')}
          />
        )}
      </Suspense>
    </div>
  );
}
