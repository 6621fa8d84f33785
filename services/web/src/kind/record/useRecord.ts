// SPDX-License-Identifier: Apache-2.0
// What every record page can do with its record.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { act, undoLast } from '@/api/act';
import type { Kind } from '@/api/kinds';
import { allQuery, listedRow, type Row, recordQuery } from '@/api/records';
import { useMayWith, useUserId } from '@/api/session';
import { noteRecent } from '@/app/preferences';
import { useActions } from '@/app/useActions';
import { labelText } from '@/texts/schema';
import { say } from '@/ui/toast';
import { nameOf } from '../field/Reference';
import { neighboursOf } from '../list/neighbours';
import { usePast } from '../past/moment';
import { texts } from '../texts';

export function useRecord(kind: Kind, id: string) {
  const client = useQueryClient();
  const query = useQuery({
    ...recordQuery(kind.plural, id),
    placeholderData: () => listedRow(client, kind.plural, id),
  });
  const name = query.data && nameOf(kind, query.data);
  useEffect(() => {
    if (name) noteRecent(`/${kind.plural}/${id}`, name, labelText(kind.label));
  }, [kind, id, name]);
  return query;
}

/** Archiving, following and the like, for buttons; and bound to their keys. */
export function useRecordActs(kind: Kind, id: string, row: Row | undefined) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const following = useFollowing(kind, id);
  const label = row ? nameOf(kind, row) : '';
  const fresh = () => client.invalidateQueries({ predicate: (query) => query.queryKey.includes(id) });
  const post = (verb: string, what: string, done: string, undone?: () => void) =>
    void act(client, {
      method: verb === '' ? 'DELETE' : 'POST',
      path: `${kind.plural}/${id}${verb}`,
      ...(verb === '' ? {} : { body: {} }),
      label: `${what}: ${label}`,
      record: { plural: kind.plural, id },
      done: undone ? null : done,
    })
      .then(() => {
        if (undone) say(done, { action: { label: texts('restore'), run: undone } });
        return fresh();
      })
      .catch(() => undefined);
  const restore = () => post(':restore', texts('restore'), texts('restored'));
  const archive = () => post('', texts('archive'), texts('archived'), restore);
  const copy = () => {
    void navigator.clipboard.writeText(location.href).then(() => say(texts('copied')));
  };
  const { previous, next, at, of } = neighboursOf(kind.plural, id);
  const { tab } = useSearch({ strict: false }) as Record<string, string>;
  const go = (to: string | undefined) =>
    to && (() => void navigate({ to: `/${kind.plural}/${to}`, search: (tab ? { tab } : {}) as never }));
  const past = usePast();
  const may = useMayWith();
  const isOpen = !past && !kind.internal && !kind.in_log;
  const canChange = isOpen && may('change', kind, row);
  const canArchive = isOpen && may('archive', kind, row);
  useActions({
    'record.next': go(next) || undefined,
    'record.previous': go(previous) || undefined,
    'record.undo': canChange ? () => void undoLast(client, kind.plural, id) : undefined,
    'record.archive': canArchive && row && row.archived !== true ? archive : undefined,
    'record.follow': following.toggle,
    'record.copy': copy,
    'record.edit': past ? undefined : () => document.querySelector<HTMLElement>('[data-edit]')?.click(),
  });
  return {
    archive,
    restore,
    copy,
    following,
    canChange,
    canArchive,
    undo: () => void undoLast(client, kind.plural, id),
    at,
    of,
    previous: go(previous),
    next: go(next),
  };
}

interface Follow extends Row {
  of?: string;
  record?: string;
  owner?: string;
  on?: boolean;
}

/** Whether I am told of what happens to a record. */
export function useFollowing(kind: Kind, id: string) {
  const client = useQueryClient();
  const user = useUserId();
  const { data } = useQuery({ ...allQuery('follows', { filter: `record = "${id}"` }), enabled: !!user });
  const followers = ((data ?? []) as Follow[]).filter((one) => one.on !== false);
  const is = followers.some((one) => one.owner === user);
  const toggle = () =>
    void act(client, {
      method: 'POST',
      path: 'follows:set',
      body: { of: kind.plural, record: id, on: !is },
      label: texts('follow'),
      done: texts(is ? 'unfollowed' : 'followed'),
    })
      .then(() => client.invalidateQueries({ queryKey: ['all', 'follows'] }))
      .catch(() => undefined);
  return { is, toggle: user ? toggle : undefined, followers };
}
