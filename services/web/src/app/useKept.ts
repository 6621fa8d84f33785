// SPDX-License-Identifier: Apache-2.0
// Keeps a person's preferences at the node, and follows what they change elsewhere.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { act } from '@/api/act';
import { allQuery } from '@/api/records';
import { isViewing } from '@/api/view';
import { type Kept, keptChanges, keptOf, withKept } from './kept';
import { adopt, defaults, onPrefer, preferences } from './preferences';
import { texts } from './texts';

/** Dragging a column's edge says a new width with each pixel. */
const SEND_MS = 400;

const none = (): Kept => ({});

/** Whoever sits here now begins with their own, not with those of who was here before. */
function takeOver(user: string) {
  const { of, recent, sidebarClosed, sidebarWidth } = preferences();
  if (of === user) return;
  adopt(
    of === ''
      ? { of: user }
      : { ...defaults(), recent: of ? [] : recent, sidebarClosed, sidebarWidth, of: user },
  );
}

export function useKept(user: string | undefined) {
  const client = useQueryClient();
  const isKept = !!user && !isViewing();
  const { data } = useQuery({
    ...allQuery('preferences', { filter: `owner = "${user}"` }),
    enabled: isKept,
  });
  /** As the node had them when it last said so; what is on its way to it. */
  const known = useRef(none());
  const waiting = useRef(new Map<string, string | undefined>());

  useEffect(() => {
    known.current = none();
    waiting.current = new Map();
    if (isKept && user) takeOver(user);
  }, [user, isKept]);

  useEffect(() => {
    if (!data) return;
    const values = (data[0]?.values ?? []) as { name: string; value?: string }[];
    const said: Kept = Object.fromEntries(values.map(({ name, value }) => [name, value ?? '']));
    const changes = keptChanges(known.current, said);
    known.current = said;
    for (const name of waiting.current.keys()) changes.delete(name);
    if (changes.size) adopt(withKept(preferences(), changes));
  }, [data]);

  useEffect(() => {
    if (!isKept) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = async () => {
      const now = [...waiting.current];
      for (const [name, value] of now) {
        const body = value === undefined ? { name } : { name, value };
        await act(client, {
          method: 'POST',
          path: 'preferences:set',
          body,
          label: texts('settings'),
          done: null,
          quiet: true,
        }).catch(() => undefined);
        if (waiting.current.get(name) === value) waiting.current.delete(name);
      }
    };
    const stop = onPrefer((before, after) => {
      const changes = keptChanges(keptOf(before), keptOf(after));
      for (const [name, value] of changes) waiting.current.set(name, value);
      if (!changes.size) return;
      clearTimeout(timer);
      timer = setTimeout(() => void send(), SEND_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      void send();
    };
  }, [client, isKept]);
}
