// SPDX-License-Identifier: Apache-2.0
// The page of a record of any kind: '/$plural/$id'. Its fields at the left, what happened in the
// middle, what belongs to it at the right.
import { Anchor, Badge, Center, Group, Loader, Tabs, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Suspense, useDeferredValue, useMemo } from 'react';
import { type Kind, useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import type { PanelDefinition, PanelProps } from '@/app/area';
import { later } from '@/app/offline/later';
import { useActions } from '@/app/useActions';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { Face } from '@/ui/light';
import { Page } from '@/ui/Page';
import { nameOf } from '../field/Reference';
import { shapeOf } from '../field/shape';
import { EnumBadge } from '../field/Value';
import { NotHere } from '../list/NotHere';
import { searchOfList } from '../list/neighbours';
import { NOW, PastContext, useMoment, usePast, usePastRow } from '../past/moment';
import { useTexts } from '../texts';
import { RecordFields } from './Fields';
import { History } from './History';
import { panelOf, panelsOf } from './panels';
import { RecordActions } from './RecordActions';
import classes from './RecordPage.module.css';
import { Related } from './Related';
import { useRecord } from './useRecord';

const PastBar = later(() => import('../past/PastBar'));

/** The way to a record: its list, its name. */
export function Crumbs({ kind, name }: { kind: Kind; name: string }) {
  const { pluralText } = useSchemaTexts();
  return (
    <Group gap={6} wrap="nowrap" className={classes.crumbs}>
      <Anchor
        component={Link}
        to={`/${kind.plural}`}
        search={searchOfList(kind.plural) as never}
        c="dimmed"
        size="sm"
        visibleFrom="sm"
      >
        {pluralText(kind.plural)}
      </Anchor>
      <Text c="dimmed" size="sm" visibleFrom="sm">
        /
      </Text>
      <Title order={1} size="h3" className={classes.crumb}>
        {name}
      </Title>
    </Group>
  );
}

/** Name, and the states that it is in. */
/** What a record is at a glance; other choices stand among its fields. */
const identifying = new Set(['type', 'state', 'priority']);

export function Identity({ kind, row }: { kind: Kind; row: Row }) {
  const t = useTexts();
  const name = nameOf(kind, row);
  const choices = kind.fields.filter((field) => shapeOf(field) === 'enum' && row[field.name] !== undefined);
  const telling = choices.filter((field) => identifying.has(field.name));
  const states = telling.length ? telling : choices.slice(0, 1);
  return (
    <div className={classes.identity}>
      <Face name={name} size={40} isSquare />
      <div style={{ minWidth: 0 }}>
        <Text fw={650} size="lg" lh={1.3}>
          {name}
        </Text>
        <Group gap={4} mt={4}>
          {row.archived === true && <Badge color="gray">{t('archived')}</Badge>}
          {states.slice(0, 3).map((field) => (
            <EnumBadge key={field.name} field={field} name={String(row[field.name])} />
          ))}
        </Group>
      </div>
    </div>
  );
}

function usePanels(kind: Kind, place: PanelDefinition['place']) {
  const past = usePast();
  const isPast = past !== undefined;
  return useMemo(
    () =>
      panelsOf(kind.plural)
        .filter((panel) => panel.place === place)
        .filter((panel) => panel.past || !isPast)
        .map((panel) => ({
          ...panel,
          id: `${panel.kind ?? 'any'}-${panel.order}`,
          Panel: panelOf(panel.load),
        })),
    [kind, place, isPast],
  );
}

/** The tab in the middle stands in the address: a link leads to it, and the next record opens with it. */
function useTab(ids: string[]) {
  const navigate = useNavigate();
  const { tab, ...search } = useSearch({ strict: false }) as Record<string, string>;
  const shown = ids.find((id) => id === tab) ?? ids[0] ?? '';
  const choose = (id: string | null) => {
    const next = id && id !== ids[0] ? { ...search, tab: id } : search;
    void navigate({ to: '.', search: next as never, replace: true });
  };
  const step = (by: number) => () => choose(ids[(ids.indexOf(shown) + by + ids.length) % ids.length] ?? null);
  useActions({ 'record.tab': step(1), 'record.tabBack': step(-1) });
  return { shown, choose };
}

function Middle({ kind, row }: { kind: Kind; row: Row }) {
  const t = useTexts();
  const tabs = usePanels(kind, 'tab');
  const { shown, choose } = useTab([...tabs.map((tab) => tab.id), 'history']);
  return (
    <Tabs value={shown} onChange={choose}>
      <Tabs.List mb="sm">
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id}>
            {tab.title()}
          </Tabs.Tab>
        ))}
        <Tabs.Tab value="history">{t('history')}</Tabs.Tab>
      </Tabs.List>
      {tabs.map(({ id, Panel }) => (
        <Tabs.Panel key={id} value={id}>
          <Suspense>
            <Panel kind={kind} row={row} />
          </Suspense>
        </Tabs.Panel>
      ))}
      <Tabs.Panel value="history">
        <History kind={kind} id={row.id} />
      </Tabs.Panel>
    </Tabs>
  );
}

const Panels = ({ all, kind, row }: { all: ReturnType<typeof usePanels> } & PanelProps) =>
  all.map(({ id, Panel }) => (
    <Suspense key={id}>
      <Panel kind={kind} row={row} />
    </Suspense>
  ));

export function RecordBody({ kind, row }: { kind: Kind; row: Row }) {
  const t = useTexts();
  const heads = usePanels(kind, 'head');
  const lefts = usePanels(kind, 'left');
  const sides = usePanels(kind, 'side');
  const tabs = usePanels(kind, 'tab');
  const covers = [...heads, ...lefts, ...sides, ...tabs].map((panel) => panel.covers);
  // Who it is comes first; all that there is besides is drawn after that is seen.
  const isSeen = useDeferredValue(true, false);
  return (
    <div className={classes.record}>
      <Panels all={heads} kind={kind} row={row} />
      <div className={classes.columns}>
        <section className={classes.left} aria-label={t('details')}>
          <Identity kind={kind} row={row} />
          <RecordFields kind={kind} row={row} without={covers.flatMap((one) => one?.fields ?? [])} />
          {isSeen && <Panels all={lefts} kind={kind} row={row} />}
        </section>
        <section className={classes.middle}>{isSeen && <Middle kind={kind} row={row} />}</section>
        <section className={classes.right} aria-label={t('related')}>
          {isSeen && <Panels all={sides} kind={kind} row={row} />}
          {isSeen && <Related kind={kind} id={row.id} without={covers.flatMap((one) => one?.kinds ?? [])} />}
        </section>
      </div>
    </div>
  );
}

function OneRecord({ kind, id }: { kind: Kind; id: string }) {
  const { data: now, error, isPending, refetch } = useRecord(kind, id);
  const navigate = useNavigate();
  const moment = useMoment();
  const [at] = useDebouncedValue(moment.at, 60);
  const then = usePastRow(kind, id, moment.at && (at ?? moment.at));
  const row = moment.at ? then.data : now;
  const problem = moment.at ? (error ?? then.error) : error;
  const past = useMemo(() => (moment.at && now ? { at: moment.at, now } : undefined), [moment.at, now]);
  const name = row ? nameOf(kind, row) : '…';
  const open = moment.isOpen ? () => moment.go(undefined) : () => moment.go(NOW);
  useActions({
    'record.past': kind.in_log || kind.internal ? undefined : open,
    'record.layout': () =>
      void navigate({ to: '/schema', search: { kind: kind.name, place: 'layout' } as never }),
  });
  return (
    <PastContext value={past}>
      <Page
        title={<Crumbs kind={kind} name={name} />}
        tabTitle={name}
        actions={<RecordActions kind={kind} id={id} row={now} />}
      >
        <div className={classes.whole}>
          {moment.isOpen && now && (
            <Suspense>
              <PastBar kind={kind} row={now} moment={moment} />
            </Suspense>
          )}
          {row ? (
            <RecordBody kind={kind} row={row} />
          ) : problem ? (
            <Failed error={problem} reset={() => void (moment.at ? then : { refetch }).refetch()} />
          ) : (
            (isPending || moment.at) && (
              <Center h="100%">
                <Loader size="sm" />
              </Center>
            )
          )}
        </div>
      </Page>
    </PastContext>
  );
}

export default function RecordPage() {
  const { plural, id } = useParams({ strict: false }) as { plural: string; id: string };
  const kind = useKinds().byPlural(plural);
  if (!kind) return <NotHere />;
  return <OneRecord key={id} kind={kind} id={id} />;
}
