// SPDX-License-Identifier: Apache-2.0
// Who comes in: people who are signed in get the shell, the others a way to become so.
import { Center, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { onSignedOut } from '@/api/client';
import { kindsQuery } from '@/api/kinds';
import { openQueue, setQueueUser } from '@/api/queue';
import { sessionQuery } from '@/api/session';
import { joinStream, onAnew, onEvents, onStreamState, streamState } from '@/api/stream/connect';
import { keepLive } from '@/api/stream/live';
import { isViewing } from '@/api/view';
import { Failed } from '@/ui/Failed';
import { heedConnection } from './offline/heed';
import { later } from './offline/later';
import { Shell } from './shell/Shell';
import { linkIn } from './signin/link';
import { useKept } from './useKept';

const SignIn = later(async () => {
  const [page] = await Promise.all([import('./signin/SignIn'), import('./styles/rest')]);
  return page;
});

const Waiting = () => (
  <Center h="100%">
    <Loader size="sm" />
  </Center>
);

let opened = false;

/** The stream, the queue and the cache, wired to one another. */
function useLive(user: string | undefined, isIn: boolean) {
  const client = useQueryClient();
  useEffect(() => {
    setQueueUser(isIn && !isViewing() ? (user ?? 'nobody') : undefined);
  }, [user, isIn]);
  useEffect(() => heedConnection(client), [client]);
  useEffect(() => {
    // The stream tells what the administrator may know; who they look as may know less.
    if (!isIn || isViewing()) return;
    if (!opened) openQueue();
    opened = true;
    const take = keepLive(client, () => client.getQueryData(kindsQuery.queryKey));
    const stops = [
      onEvents(take),
      onAnew(() => void client.invalidateQueries()),
      onSignedOut(() => void client.invalidateQueries({ queryKey: sessionQuery.queryKey })),
      onStreamState(() => {
        if (streamState() === 'signed-out')
          void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      }),
    ];
    joinStream();
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, isIn]);
}

export function Gate() {
  const session = useQuery(sessionQuery);
  const kinds = useQuery({ ...kindsQuery, enabled: !!session.data });
  const [link, setLink] = useState(() => linkIn(location.hash));
  const isIn = !!session.data && !link;
  useLive(session.data?.user?.id, isIn);
  useKept(isIn ? session.data?.user?.id : undefined);
  if (session.isPending) return <Waiting />;
  if (session.isError && !session.data)
    return <Failed error={session.error} reset={() => void session.refetch()} />;
  if (!session.data || link)
    return (
      <Suspense fallback={<Waiting />}>
        <SignIn
          {...(link ? { link } : {})}
          onDone={(back) => {
            history.replaceState(null, '', back ?? location.pathname + location.search);
            setLink(undefined);
          }}
        />
      </Suspense>
    );
  if (kinds.isError && !kinds.data) return <Failed error={kinds.error} reset={() => void kinds.refetch()} />;
  if (!kinds.data) return <Waiting />;
  return <Shell />;
}
