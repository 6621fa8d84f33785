// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/react-query';
import { act } from '@/api/act';
import { useTexts } from './pageTexts';
import type { Run } from './said';

/** Trying a failed run again, and ending one that waits. */
export function useRunActs() {
  const t = useTexts();
  const client = useQueryClient();
  const say = async (run: Run, verb: 'retry' | 'cancel', label: string, done: string) => {
    await act(client, {
      method: 'POST',
      path: `runs/${run.id}:${verb}`,
      body: {},
      label: `${label}: ${run.name ?? ''}`,
      record: { plural: 'runs', id: run.id },
      done,
      undo: false,
    }).catch(() => undefined);
    await client.invalidateQueries({ queryKey: ['list', 'runs'] });
  };
  return {
    retry: (run: Run) => say(run, 'retry', t('retry'), t('retried')),
    cancel: (run: Run) => say(run, 'cancel', t('cancelRun'), t('runCancelled')),
  };
}
