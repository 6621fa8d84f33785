// SPDX-License-Identifier: Apache-2.0
// Above all pages: what an offer asks, and runs that go on.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useUserId } from '@/api/session';
import { Ask } from './Ask';
import { Runs } from './RunPanel';
import { watchRuns } from './runs';
import { useAsking } from './store';

export default function Overlay() {
  const asking = useAsking();
  const client = useQueryClient();
  const user = useUserId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another person has other runs
  useEffect(() => watchRuns(client), [client, user]);
  return (
    <>
      {asking && <Ask key={asking.offer.id} target={asking.target} offer={asking.offer} />}
      <Runs />
    </>
  );
}
