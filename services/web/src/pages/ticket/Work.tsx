// SPDX-License-Identifier: Apache-2.0
// At the side of a ticket: its clock, and what to do next.
import { Button, Kbd, Stack, Text } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowRight,
  IconCheck,
  IconHourglass,
  IconLock,
  IconUserPlus,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { PanelProps } from '@/app/area';
import { useActions } from '@/app/useActions';
import { formatAgo, formatInstant, useForms } from '@/ui/format';
import { ClockBadge, useNow } from './ClockBadge';
import type { Move, Ticket } from './clock';
import { usePageTexts } from './pageTexts';
import classes from './Ticket.module.css';
import { useTexts } from './texts';
import { useTicketActs } from './useTicket';

function Deadline({ ticket }: { ticket: Ticket }) {
  const t = useTexts();
  const page = usePageTexts();
  useForms();
  const now = useNow();
  return (
    <section className={classes.card} aria-label={t('deadline')}>
      <Text fw={600} size="sm" mb={6}>
        {t('deadline')}
      </Text>
      <ClockBadge ticket={ticket} now={now} />
      <Text size="xs" c="dimmed" mt={6}>
        {ticket.responded_at
          ? page('answeredWhen', { when: formatAgo(ticket.responded_at, now) })
          : ticket.respond_by && page('answerUntil', { when: formatInstant(ticket.respond_by) })}
      </Text>
    </section>
  );
}

const signs: Record<Exclude<Move, 'respond'>, ReactNode> = {
  resolve: <IconCheck size={14} />,
  wait: <IconHourglass size={14} />,
  close: <IconLock size={14} />,
  reopen: <IconArrowBackUp size={14} />,
};
const hints: Partial<Record<Move, string>> = { resolve: 'Alt E', wait: 'Alt W' };
const hint = (keys: string | undefined) => keys && <Kbd aria-hidden>{keys}</Kbd>;

export default function Work({ kind, row }: PanelProps) {
  const t = useTexts();
  const page = usePageTexts();
  const ticket = row as Ticket;
  const { allowed, canWork, run, next, take } = useTicketActs(kind, ticket);
  const can = (move: Move) => allowed.includes(move);
  const when = (move: Move) => (can(move) ? () => void run(move) : undefined);
  useActions({
    'ticket.resolve': when('resolve'),
    'ticket.wait': when('wait'),
    'ticket.resolveNext': can('resolve')
      ? () => void run('resolve').then((isDone) => isDone && next())
      : undefined,
    'ticket.mine': take,
    'ticket.next': next,
  });
  const labels: Record<Exclude<Move, 'respond'>, string> = {
    resolve: t('resolve'),
    wait: t('wait'),
    close: page('close'),
    reopen: page('reopen'),
  };
  return (
    <>
      <Deadline ticket={ticket} />
      <section className={classes.card} aria-label={page('actions')}>
        <Text fw={600} size="sm" mb={6}>
          {page('actions')}
        </Text>
        <Stack gap={6}>
          {allowed.map(
            (move) =>
              move !== 'respond' && (
                <Button
                  key={move}
                  justify="space-between"
                  variant={move === 'resolve' ? 'filled' : 'default'}
                  leftSection={signs[move]}
                  rightSection={hint(hints[move])}
                  onClick={when(move)}
                  classNames={{ label: classes.buttonLabel }}
                >
                  {labels[move]}
                </Button>
              ),
          )}
          {take && (
            <Button
              justify="space-between"
              variant="default"
              leftSection={<IconUserPlus size={14} />}
              rightSection={hint('Alt I')}
              onClick={take}
              classNames={{ label: classes.buttonLabel }}
            >
              {t('mine')}
            </Button>
          )}
          <Button
            justify="space-between"
            variant="subtle"
            color="gray"
            leftSection={<IconArrowRight size={14} />}
            rightSection={hint('Alt N')}
            onClick={next}
            classNames={{ label: classes.buttonLabel }}
          >
            {t('next')}
          </Button>
          {!canWork && (
            <Text size="xs" c="dimmed">
              {page('elsewhere')}
            </Text>
          )}
        </Stack>
      </section>
    </>
  );
}
