// SPDX-License-Identifier: Apache-2.0
// How far a run has come, in a word and as a share.
import { formatNumber } from '@/ui/format';
import { isOver, type Run } from './run';
import { useTexts } from './texts';

const through = (run: Run) => run.done + run.same + run.failed;
/** In hundredths. */
export const shareOf = (run: Run) => (run.total ? (through(run) / run.total) * 100 : 0);

export function useStanding(run: Run): string {
  const t = useTexts();
  if (run.state === 'collecting') return `${t('collecting')} (${formatNumber(run.total)})`;
  if (!isOver(run))
    return t('progress', { done: formatNumber(through(run)), total: formatNumber(run.total) });
  const results = [
    t('changed', { count: run.done }),
    ...(run.same ? [t('same', { count: run.same })] : []),
    ...(run.state === 'stopped' ? [t('stopped')] : []),
  ];
  return results.join(' · ');
}
