// SPDX-License-Identifier: Apache-2.0
// A list without records: the way to the first one, or out of the filter that hides all.
import { Button, Group } from '@mantine/core';
import { IconFileImport, IconFilterOff, IconTable } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMay, useSession } from '@/api/session';
import { pages } from '@/app/registry';
import { defineTexts } from '@/texts';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { useTexts } from '../texts';
import type { List } from './useList';

const { useTexts: useOwnTexts } = defineTexts('list-nothing', {
  en: { import: 'Import a file' },
  de: { import: 'Datei importieren' },
});

/** Where files are imported, for who may. */
function useImport(kind: List['kind']): string | undefined {
  const session = useSession();
  const may = useMay();
  const page = pages.find((one) => one.path === '/import' && (!one.when || one.when(session)));
  return page && !kind.internal && !kind.in_log && may('create', kind.name) ? page.path : undefined;
}

interface NothingProps {
  list: List;
  create: (() => void) | undefined;
}

export default function Nothing({ list, create }: NothingProps) {
  const t = useTexts();
  const own = useOwnTexts();
  const { innerLabel, pluralText } = useSchemaTexts();
  const { kind } = list;
  const path = useImport(kind);
  if (list.state.filter)
    return (
      <Empty icon={IconFilterOff} title={t('emptyFiltered')} hint={t('emptyFilteredHint')}>
        <Button variant="default" onClick={() => list.set({ filter: '' })}>
          {t('showAll')}
        </Button>
      </Empty>
    );
  return (
    <Empty
      icon={IconTable}
      title={t('empty', { kind: innerLabel(pluralText(kind.plural)) })}
      hint={t('emptyHint')}
    >
      <Group gap="xs">
        {create && <Button onClick={create}>{t('newOf', { kind: innerLabel(kind.label) })}</Button>}
        {path && (
          <Button
            component={Link}
            to={path}
            search={{ kind: kind.plural } as never}
            variant="default"
            leftSection={<IconFileImport size={14} />}
          >
            {own('import')}
          </Button>
        )}
      </Group>
    </Empty>
  );
}
