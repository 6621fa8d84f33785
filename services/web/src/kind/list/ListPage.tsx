// SPDX-License-Identifier: Apache-2.0
// The list of any kind: '/$plural'.
import { ActionIcon, Badge, Button, Center, Loader } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { useKinds } from '@/api/kinds';
import { useMay } from '@/api/session';
import { later } from '@/app/offline/later';
import { useIsPhone } from '@/app/shell/state';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { formatNumber } from '@/ui/format';
import { whenIdle } from '@/ui/idle';
import { Page } from '@/ui/Page';
import { useSaveField } from '../save';
import { useTexts } from '../texts';
import { Cards } from './Cards';
import { NotHere } from './NotHere';
import { rememberList } from './neighbours';
import { Table } from './Table';
import { useCount } from './useCount';
import { type List, useList } from './useList';
import { filterProblem, ViewBar } from './ViewBar';

const Board = later(() => import('../board/Board'));
const BulkBar = later(() => import('./BulkBar'));
const CreateForm = later(() => import('../form/CreateForm'));
const Nothing = later(() => import('./Nothing'));
const Peek = later(() => import('../record/Peek'));

const Loading = () => (
  <Center h="100%">
    <Loader size="sm" />
  </Center>
);

/** How many there are; of those that nobody has counted, how many are here at least. */
function CountText({ list }: { list: List }) {
  const t = useTexts();
  const { count, isLeast } = useCount(list) ?? { count: list.rows.length, isLeast: true };
  return t(isLeast ? 'loadedMore' : 'loaded', { count, number: formatNumber(count) });
}

/** What keys do in a list, over the row that is active. */
function useListKeys(
  list: List,
  selected: Set<string>,
  setSelected: (ids: Set<string>) => void,
  open: (id: string) => void,
) {
  const [active, setActive] = useState(-1);
  const row = list.rows[active];
  const step = (by: number) => () => setActive(Math.max(0, Math.min(list.rows.length - 1, active + by)));
  const toggle = () => {
    if (!row) return;
    const next = new Set(selected);
    if (!next.delete(row.id)) next.add(row.id);
    setSelected(next);
  };
  useActions({
    'list.down': step(1),
    'list.up': step(-1),
    'list.open': row && (() => open(row.id)),
    'list.peek': row && (() => list.say({ peek: list.search.peek === row.id ? undefined : row.id })),
    'list.select': row && toggle,
    'list.selectAll': () => setSelected(new Set(list.rows.map((one) => one.id))),
    'list.clear': selected.size
      ? () => setSelected(new Set())
      : list.search.peek
        ? () => list.say({ peek: undefined })
        : undefined,
  });
  return { active, setActive };
}

export function RecordList({ plural }: { plural: string }) {
  const t = useTexts();
  const { innerLabel, pluralText } = useSchemaTexts();
  const navigate = useNavigate();
  const may = useMay();
  const isPhone = useIsPhone();
  const list = useList(plural);
  const { kind, rows, search } = list;
  const save = useSaveField(kind);
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const open = (id: string) => {
    rememberList(
      kind.plural,
      rows.map((row) => row.id),
      id,
      search,
    );
    void navigate({ to: `/${kind.plural}/${id}` });
  };
  const { active, setActive } = useListKeys(list, selected, setSelected, open);
  const canCreate = may('create', kind.name) && !kind.internal;
  const create = canCreate ? () => list.say({ create: '1' }) : undefined;
  useActions({ 'list.create': create });
  const selection = { ids: selected, set: setSelected };
  const wrongFilter = filterProblem(list.error) !== undefined;
  return (
    <Page
      title={list.view?.name ?? pluralText(kind.plural)}
      beside={
        !list.isPending && (
          <Badge color="gray" visibleFrom="sm">
            <CountText list={list} />
          </Badge>
        )
      }
      actions={
        create &&
        (isPhone ? (
          <ActionIcon
            variant="filled"
            color="indigo"
            size="lg"
            aria-label={t('newOf', { kind: innerLabel(kind.label) })}
            onClick={create}
          >
            <IconPlus size={18} />
          </ActionIcon>
        ) : (
          <Button leftSection={<IconPlus size={14} />} onClick={create}>
            {t('newOf', { kind: innerLabel(kind.label) })}
          </Button>
        ))
      }
      bar={<ViewBar list={list} />}
    >
      {list.state.layout === 'board' ? (
        <Suspense fallback={<Loading />}>
          <Board list={list} />
        </Suspense>
      ) : list.isPending ? (
        <Loading />
      ) : list.error && !rows.length && !wrongFilter ? (
        <Failed error={list.error} reset={() => list.set({ order: '' })} />
      ) : !rows.length ? (
        <Suspense>
          <Nothing list={list} create={create} />
        </Suspense>
      ) : isPhone ? (
        <Cards list={list} onOpen={(row) => open(row.id)} />
      ) : (
        <Table
          list={list}
          selection={selection}
          active={active}
          setActive={setActive}
          onOpen={(row) => open(row.id)}
          onSave={save}
        />
      )}
      <Suspense>
        {selected.size > 0 && <BulkBar list={list} selection={selection} />}
        {search.create && create && (
          <CreateForm kind={kind} onClose={() => list.say({ create: undefined })} />
        )}
        {search.peek && <Peek kind={kind} id={search.peek} onClose={() => list.say({ peek: undefined })} />}
      </Suspense>
    </Page>
  );
}

/** Whoever looks at a list opens something of it. */
function useReadyRecords(plural: string) {
  const client = useQueryClient();
  const book = useKinds();
  useEffect(
    () => whenIdle(async () => (await import('../record/ready')).makeReady(client, book, plural)),
    [client, book, plural],
  );
}

export default function ListPage() {
  const { plural } = useParams({ strict: false }) as { plural: string };
  const kind = useKinds().byPlural(plural);
  useReadyRecords(plural);
  if (!kind) return <NotHere />;
  // Another kind is another list: nothing of what was selected goes along.
  return <RecordList key={plural} plural={plural} />;
}
