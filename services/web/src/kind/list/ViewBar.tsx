// SPDX-License-Identifier: Apache-2.0
// Views of a list, its filter, columns and groups; and whether all that is saved.
import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Indicator,
  Menu,
  Modal,
  Popover,
  SegmentedControl,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  IconAdjustmentsHorizontal,
  IconChevronDown,
  IconDeviceFloppy,
  IconDots,
  IconFilter,
  IconRestore,
  IconTable,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { act } from '@/api/act';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { useUserId } from '@/api/session';
import { type SavedView, viewsQuery } from '@/app/shell/favourites';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { labelOf, listFields } from '../field/shape';
import { FilterBuilder } from '../filter/FilterBuilder';
import { countConditions, parseFilter } from '../filter/model';
import { useTexts } from '../texts';
import { ColumnPicker } from './ColumnPicker';
import type { List } from './useList';
import classes from './ViewBar.module.css';

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

function NewView({
  onSave,
  onClose,
}: {
  onSave: (name: string, sharing: string) => void;
  onClose: () => void;
}) {
  const t = useTexts();
  const [name, setName] = useState('');
  const [sharing, setSharing] = useState('private');
  return (
    <Modal opened onClose={onClose} title={t('saveAsNew')} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(name, sharing);
          onClose();
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            required
            label={t('viewName')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <div>
            <div className={classes.label}>{t('sharing')}</div>
            <SegmentedControl
              fullWidth
              value={sharing}
              onChange={setSharing}
              data={[
                { value: 'private', label: t('private') },
                { value: 'team', label: t('team') },
                { value: 'all', label: t('everybody') },
              ]}
            />
          </div>
          <Button type="submit" disabled={!name.trim()}>
            {t('save')}
          </Button>
        </Stack>
      </form>
    </Modal>
  );
}

function ViewMenu({ list }: { list: List }) {
  const t = useTexts();
  const { pluralText } = useSchemaTexts();
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
          {view?.name ?? t('allOf', { kind: pluralText(kind.plural) })}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => open(undefined)}>{t('allOf', { kind: pluralText(kind.plural) })}</Menu.Item>
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

function FilterButton({
  list,
  opened,
  setOpened,
}: {
  list: List;
  opened: boolean;
  setOpened: (is: boolean) => void;
}) {
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
    <Popover opened={opened} onChange={setOpened} width={620} position="bottom-end" trapFocus>
      <Popover.Target>
        <Indicator disabled={!problem} color="red.8" size={8}>
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
        </Indicator>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown}>
        <FilterBuilder
          kind={list.kind}
          text={text}
          problem={problem}
          onChange={(next) => {
            setText(next);
            apply(next);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function OptionsButton({
  list,
  opened,
  setOpened,
}: {
  list: List;
  opened: boolean;
  setOpened: (is: boolean) => void;
}) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { kind, state, set } = list;
  const groupable = listFields(kind).filter(
    (field) =>
      !field.repeated &&
      (field.values || field.reference || (field.indexed && field.type === 'text') || field.type === 'bool'),
  );
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
        <Stack gap="sm">
          <Select
            label={t('groupBy')}
            placeholder={t('noGroup')}
            clearable
            comboboxProps={{ withinPortal: false }}
            data={groupable.map((field) => ({ value: field.name, label: labelText(labelOf(field)) }))}
            value={state.group || null}
            onChange={(group) => set({ group: group ?? '' })}
          />
          <ColumnPicker list={list} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
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
            <Menu.Item component="a" href={exportPath(list, 'csv')} download>
              {t('exportCsv')}
            </Menu.Item>
            <Menu.Item component="a" href={exportPath(list, 'jsonl')} download>
              {t('exportJson')}
            </Menu.Item>
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
      {naming && <NewView onSave={create} onClose={() => setNaming(false)} />}
    </div>
  );
}

function exportPath({ kind, state }: List, format: string): string {
  const query = new URLSearchParams({ format, columns: state.columns.join(',') });
  if (state.filter) query.set('filter', state.filter);
  return `/api/v1/${kind.plural}:export?${query}`;
}
