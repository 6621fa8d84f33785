// SPDX-License-Identifier: Apache-2.0
// The deadline of a ticket, counting down.
import { Badge } from '@mantine/core';
import { IconAlarm, IconCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { formatDuration } from '@/ui/format';
import { type Clock, type ClockState, clockOf, shownRest, type Ticket } from './clock';
import { usePageTexts } from './pageTexts';

/** The time, anew every so many milliseconds. */
export function useNow(every = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

const colors: Record<ClockState, string> = {
  none: 'gray',
  done: 'gray',
  due: 'indigo',
  soon: 'orange',
  late: 'red',
  answered: 'teal',
  answeredLate: 'orange',
};

function useClockText({ state, rest }: Clock): string {
  const t = usePageTexts();
  const time = formatDuration(shownRest(rest));
  if (state === 'late') return t('over', { time });
  if (state === 'due' || state === 'soon') return t('left', { time });
  return t(state === 'none' ? 'noDeadline' : state);
}

export function ClockBadge({ ticket, now }: { ticket: Ticket; now: number }) {
  const clock = clockOf(ticket, now);
  const text = useClockText(clock);
  const Sign = clock.state === 'answered' || clock.state === 'done' ? IconCheck : IconAlarm;
  return (
    <Badge color={colors[clock.state]} leftSection={<Sign size={13} />}>
      {text}
    </Badge>
  );
}
