// SPDX-License-Identifier: Apache-2.0
// Whether a node answers is known as soon as the stream ends, not when somebody next presses something; and what could
// not be read meanwhile is read as soon as it does.
import type { QueryClient } from '@tanstack/react-query';
import { askReachable, isReachable, onReachable, setReachable } from '@/api/client';
import { onStreamState, streamState } from '@/api/stream/connect';

const ASK_MS = 2000;

export function heedConnection(client: QueryClient): () => void {
  const ask = () => void askReachable();
  let timer: ReturnType<typeof setInterval> | undefined;
  const follow = () => {
    clearInterval(timer);
    if (!isReachable()) {
      timer = setInterval(ask, ASK_MS);
      return;
    }
    void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
  };
  addEventListener('online', ask);
  addEventListener('offline', ask);
  const stops = [
    onStreamState(() => {
      if (streamState() === 'live') setReachable(true);
      if (streamState() === 'waiting') ask();
    }),
    onReachable(follow),
    () => clearInterval(timer),
    () => removeEventListener('online', ask),
    () => removeEventListener('offline', ask),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
