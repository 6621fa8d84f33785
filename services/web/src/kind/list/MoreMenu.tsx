// SPDX-License-Identifier: Apache-2.0
// What else can be done with a list, and with the saved view that it shows.
import { Menu } from '@mantine/core';
import { IconCopy, IconHome, IconPencil, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { isViewing } from '@/api/view';
import { useFavouriteHere } from '@/app/shell/favourites';
import { useTexts as useShellTexts } from '@/app/texts';
import { defineTexts } from '@/texts';
import { useTexts } from '../texts';
import { type List, useLook } from './useList';

const { useTexts: useOwnTexts } = defineTexts('list-more', {
  en: {
    view: 'This view',
    rename: 'Rename, or show it to others',
    duplicate: 'Duplicate',
    first: 'Open the list with it',
  },
  de: {
    view: 'Diese Ansicht',
    rename: 'Umbenennen oder anderen zeigen',
    duplicate: 'Verdoppeln',
    first: 'Liste damit öffnen',
  },
});

function exportPath({ kind, state }: List, format: string): string {
  const query = new URLSearchParams({ format, columns: state.columns.join(',') });
  if (state.filter) query.set('filter', state.filter);
  return `/api/v1/${kind.plural}:export?${query}`;
}

interface MoreMenuProps {
  list: List;
  /** The view is one's own. */
  isMine: boolean;
  onRename: () => void;
  onDuplicate: () => void;
  onRemove: () => void;
}

export default function MoreMenu({ list, isMine, onRename, onDuplicate, onRemove }: MoreMenuProps) {
  const t = useTexts();
  const own = useOwnTexts();
  const shell = useShellTexts();
  const favourite = useFavouriteHere();
  const { state, set, view } = list;
  const [look, setLook] = useLook(list.kind.plural);
  const isFirst = !!view && look.view === view.id;
  return (
    <>
      <Menu.Item
        leftSection={favourite.is ? <IconStarFilled size={14} /> : <IconStar size={14} />}
        onClick={favourite.toggle}
      >
        {shell(favourite.is ? 'removeFavourite' : 'addFavourite')}
      </Menu.Item>
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
      {view && (
        <>
          <Menu.Divider />
          <Menu.Label>{own('view')}</Menu.Label>
          <Menu.Item
            leftSection={<IconHome size={14} />}
            onClick={() => {
              setLook({ view: isFirst ? '' : view.id });
              // The address says it from now on: it stays whatever the list opens with.
              list.open(view.id);
            }}
          >
            {isFirst ? '✓ ' : ''}
            {own('first')}
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={14} />} onClick={onDuplicate}>
            {own('duplicate')}
          </Menu.Item>
          {isMine && (
            <>
              <Menu.Item leftSection={<IconPencil size={14} />} onClick={onRename}>
                {own('rename')}
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={onRemove}>
                {t('deleteView')}
              </Menu.Item>
            </>
          )}
        </>
      )}
    </>
  );
}
