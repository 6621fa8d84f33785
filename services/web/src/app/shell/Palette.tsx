// SPDX-License-Identifier: Apache-2.0
// Ctrl/Cmd+K: actions of what is on the screen first, then places, then records by what they say.
import { Loader, Modal, ScrollArea, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  type Icon,
  IconBolt,
  IconFileText,
  IconHistory,
  IconPlayerPlay,
  IconPlus,
  IconSearch,
  IconStar,
  IconTable,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { act } from '@/api/act';
import { request } from '@/api/client';
import { useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import type { components } from '@/api/schema';
import { useMay, useMayWith, useSession } from '@/api/session';
import { offerLabel, offerSign } from '@/kind/bulk/label';
import { offersOf } from '@/kind/bulk/offers';
import { ask, countOf, useTarget } from '@/kind/bulk/store';
import { useTexts as useBulkTexts } from '@/kind/bulk/texts';
import { nameOf } from '@/kind/field/Reference';
import { defineTexts } from '@/texts';
import { useSchemaTexts } from '@/texts/schema';
import { Keys } from '@/ui/Keys';
import { preferences } from '../preferences';
import { actions, navigation } from '../registry';
import { keysOf, runAction, useBound } from '../useActions';
import { useFavourites, useViews } from './favourites';
import classes from './Palette.module.css';
import { found, type Row } from './palette';
import { close } from './state';

const { useTexts } = defineTexts('palette', {
  en: {
    title: 'Search and commands',
    placeholder: 'Search records, pages and commands',
    commands: 'Commands',
    places: 'Go to',
    recent: 'Lately opened',
    records: 'Records',
    nothing: 'Nothing found for “{{query}}”',
    list: 'list',
    create: 'New {{kind}}',
    begin: 'Start flow: {{name}}',
    begun: 'The flow was started',
    results_one: '{{count}} result',
    results_other: '{{count}} results',
  },
  de: {
    title: 'Suche und Befehle',
    placeholder: 'Datensätze, Seiten und Befehle suchen',
    commands: 'Befehle',
    places: 'Gehe zu',
    recent: 'Zuletzt geöffnet',
    records: 'Datensätze',
    nothing: 'Nichts gefunden zu „{{query}}“',
    list: 'Liste',
    create: 'Neu: {{kind}}',
    begin: 'Ablauf starten: {{name}}',
    begun: 'Der Ablauf wurde gestartet',
    results_one: '{{count}} Treffer',
    results_other: '{{count}} Treffer',
  },
});

/** What can be done with what is chosen on the page: rows of a list, or the record itself. */
function useOfferRows(): Row[] {
  const target = useTarget();
  const book = useKinds();
  const may = useMay();
  const mayWith = useMayWith();
  const { innerLabel, pluralText } = useSchemaTexts();
  const b = useBulkTexts();
  const bound = useBound();
  return useMemo(() => {
    if (!target) return [];
    const { kind } = target;
    const count = countOf(target);
    const only = count === 1 ? target.rows[0] : undefined;
    const mayHere: typeof may = (action, name) =>
      name === kind.name ? mayWith(action, kind, only) : may(action, name);
    const section = only
      ? nameOf(kind, only)
      : b('forMany', { count, kind: innerLabel(pluralText(kind.plural)) });
    return (
      offersOf(kind, book, mayHere, count)
        .filter((offer) => !only || offer.type !== (only.archived === true ? 'archive' : 'restore'))
        // What the page itself does ("deal.win") stands among the commands already.
        .filter((offer) => !bound.has(offer.id))
        .map((offer): Row => {
          const Sign = offerSign(offer);
          return {
            id: `offer ${offer.id}`,
            section,
            label: offerLabel(offer),
            icon: <Sign size={16} stroke={1.7} />,
            run: () => ask(target, offer),
          };
        })
    );
  }, [target, book, may, mayWith, b, bound, innerLabel, pluralText]);
}

/** Flows that are on are begun from here for the record that is open or chosen. */
function useFlowRows(): Row[] {
  const t = useTexts();
  const client = useQueryClient();
  const target = useTarget();
  const book = useKinds();
  const only = target && countOf(target) === 1 ? target.rows[0] : undefined;
  const { data } = useQuery({
    ...allQuery('flows', { filter: 'enabled = true' }),
    enabled: !!only && book.takes('run.start') && !!book.byPlural('flows'),
  });
  return useMemo(() => {
    if (!only || !target) return [];
    return (data ?? [])
      .filter((flow) => flow.kind === target.kind.name)
      .map((flow): Row => {
        const label = t('begin', { name: String(flow.name ?? '') });
        const body = { flow: flow.id, record: only.id };
        return {
          id: `flow ${flow.id}`,
          section: nameOf(target.kind, only),
          label,
          icon: <IconPlayerPlay size={16} stroke={1.7} />,
          run: () =>
            void act(client, { method: 'POST', path: 'runs', body, label, done: t('begun') }).catch(
              () => undefined,
            ),
        };
      });
  }, [only, target, data, client, t]);
}

type SearchResults = components['schemas']['SearchResults'];

function useFixedRows(go: (path: string) => void): Row[] {
  const t = useTexts();
  const bound = useBound();
  const session = useSession();
  const may = useMay();
  const book = useKinds();
  const favourites = useFavourites();
  const views = useViews();
  const { labelText, pluralText, innerLabel } = useSchemaTexts();
  return useMemo(() => {
    const rows: Row[] = [];
    const doable = actions
      .filter((one) => !one.hidden && (bound.has(one.id) || one.run) && (!one.when || one.when(session)))
      // What is bound by the page or a selection before what always works.
      .sort((a, b) => Number(a.id.startsWith('app.')) - Number(b.id.startsWith('app.')));
    for (const action of doable) {
      const Sign = action.icon ?? IconBolt;
      const keys = keysOf(action)[0];
      rows.push({
        id: `action ${action.id}`,
        section: t('commands'),
        label: action.label(),
        icon: <Sign size={16} stroke={1.7} />,
        ...(keys ? { keys } : {}),
        run: () => runAction(action, { go }),
      });
    }
    for (const kind of book.kinds)
      if (!kind.internal && !kind.in_log && may('create', kind.name))
        rows.push({
          id: `create ${kind.plural}`,
          section: t('commands'),
          label: t('create', { kind: innerLabel(kind.label) }),
          icon: <IconPlus size={16} stroke={1.7} />,
          run: () => go(`/${kind.plural}?create=1`),
        });
    const place = (path: string, label: string, Sign: Icon, hint?: string) =>
      rows.push({
        id: `go ${path}`,
        section: t('places'),
        label,
        icon: <Sign size={16} stroke={1.7} />,
        ...(hint ? { hint } : {}),
        run: () => go(path),
      });
    for (const entry of navigation)
      if ((!entry.kind || may('read', entry.kind)) && (!entry.when || entry.when(session)))
        place(entry.path, entry.label(), entry.icon);
    for (const favourite of favourites) place(favourite.path, favourite.label, IconStar);
    for (const view of views) {
      const kind = book.byPlural(view.of);
      place(`/${view.of}?view=${view.id}`, view.name, IconTable, kind && labelText(kind.label));
    }
    const known = new Set(navigation.map((entry) => entry.path));
    for (const kind of book.kinds)
      if (!known.has(`/${kind.plural}`))
        place(`/${kind.plural}`, pluralText(kind.plural), IconTable, t('list'));
    return rows;
  }, [t, bound, session, may, book, favourites, views, labelText, pluralText, innerLabel, go]);
}

function useRecordRows(query: string, go: (path: string) => void): { rows: Row[]; isBusy: boolean } {
  const t = useTexts();
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const [asked] = useDebouncedValue(query.trim(), 120);
  const { data, isFetching } = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) =>
      request<SearchResults>('GET', 'search', { query: { q: asked, limit: 12 }, signal }),
    enabled: asked.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
  const rows = useMemo(() => {
    const results = asked.length > 1 ? (data?.results ?? []) : [];
    return results.flatMap((result): Row[] => {
      const kind = book.byName(result.kind);
      if (!kind) return [];
      return [
        {
          id: `record ${result.id}`,
          section: t('records'),
          label: result.title?.text ?? result.snippet?.text ?? result.id,
          hint: labelText(kind.label),
          icon: <IconFileText size={16} stroke={1.7} />,
          run: () => go(`/${kind.plural}/${result.id}`),
        },
      ];
    });
  }, [asked, data, book, t, labelText, go]);
  return { rows, isBusy: isFetching };
}

function usePaletteRows(query: string): { rows: Row[]; isBusy: boolean } {
  const t = useTexts();
  const router = useRouter();
  const go = useMemo(() => (path: string) => void router.navigate({ href: path }), [router]);
  const fixed = useFixedRows(go);
  const records = useRecordRows(query, go);
  const offers = [...useFlowRows(), ...useOfferRows()];
  if (query.trim())
    return {
      rows: [...found(offers, query, 8), ...found(fixed, query, 5), ...records.rows],
      isBusy: records.isBusy,
    };
  const recent = preferences().recent.map(
    ({ path, label, kind }): Row => ({
      id: `recent ${path}`,
      section: t('recent'),
      label,
      hint: kind,
      icon: <IconHistory size={16} stroke={1.7} />,
      run: () => go(path),
    }),
  );
  return { rows: [...found(offers, '', 8), ...recent.slice(0, 5), ...found(fixed, '', 7)], isBusy: false };
}

export default function Palette() {
  const t = useTexts();
  const [query, setQuery] = useState('');
  const [index, setIndex] = useState(0);
  const { rows, isBusy } = usePaletteRows(query);
  const at = Math.min(index, Math.max(0, rows.length - 1));
  const listId = useId();
  const chosen = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row that is chosen now comes into view
  useEffect(() => {
    chosen.current?.scrollIntoView({ block: 'nearest' });
  }, [at, rows.length]);
  const run = (row: Row | undefined) => {
    if (!row) return;
    close();
    row.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      setIndex(Math.max(0, Math.min(rows.length - 1, at + step)));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(rows[at]);
    }
  };
  return (
    <Modal
      opened
      onClose={close}
      size={620}
      padding={0}
      withCloseButton={false}
      aria-label={t('title')}
      radius="lg"
    >
      <div className={classes.head}>
        <IconSearch size={17} />
        <input
          className={classes.input}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setIndex(0);
          }}
          onKeyDown={onKeyDown}
          placeholder={t('placeholder')}
          aria-label={t('placeholder')}
          role="combobox"
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={rows[at] ? `${listId}-${at}` : undefined}
          data-autofocus
          spellCheck={false}
        />
        {isBusy && <Loader size={14} />}
      </div>
      <ScrollArea.Autosize
        mah="60vh"
        type="auto"
        // What scrolls is the list itself: the input's keys are the way to it.
        viewportProps={{ id: listId, role: 'listbox', 'aria-label': t('title') }}
      >
        <div className={classes.list}>
          {rows.map((row, number) => (
            <div key={row.id}>
              {row.section !== rows[number - 1]?.section && (
                <div className={classes.section} role="presentation">
                  {row.section}
                </div>
              )}
              {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input */}
              <div
                id={`${listId}-${number}`}
                ref={number === at ? chosen : undefined}
                className={classes.row}
                role="option"
                tabIndex={-1}
                aria-selected={number === at}
                onMouseMove={() => setIndex(number)}
                onClick={() => run(row)}
              >
                {row.icon}
                <span className={classes.label}>{row.label}</span>
                {row.hint && <span className={classes.hint}>{row.hint}</span>}
                {row.keys && <Keys keys={row.keys} />}
              </div>
            </div>
          ))}
          {!rows.length && !isBusy && (
            <Text c="dimmed" p="md" ta="center">
              {t('nothing', { query })}
            </Text>
          )}
        </div>
      </ScrollArea.Autosize>
      <div className={classes.count} aria-live="polite">
        {t('results', { count: rows.length })}
      </div>
    </Modal>
  );
}
