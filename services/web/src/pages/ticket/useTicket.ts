// SPDX-License-Identifier: Apache-2.0
// What an agent does with a ticket: the node's commands as far as the state allows them, taking it, and
// going to the next one.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { change } from '@/api/act';
import { type Kind, useKinds } from '@/api/kinds';
import { allQuery } from '@/api/records';
import { useMayWith, useUserId } from '@/api/session';
import { nameOf } from '@/kind/field/Reference';
import { runCommand } from '@/kind/record/command';
import { say, sayFailure } from '@/ui/toast';
import { type Move, movesOf, nextOf, type Ticket } from './clock';
import { pageTexts } from './pageTexts';
import { texts } from './texts';

/** All that somebody must do something about. */
export const queueQuery = allQuery('tickets', { filter: 'state = "new" OR state = "open"' }, 500);

export function useTicketActs(kind: Kind, ticket: Ticket) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const book = useKinds();
  const may = useMayWith();
  const user = useUserId();
  const { data: queue } = useQuery(queueQuery);
  const canWork = may('change', kind, ticket) && book.takes('ticket.resolve');
  const commandOf = (move: Move) => book.commandsOf('tickets').find((one) => one.verb === move);
  const allowed = canWork ? movesOf(ticket).filter(commandOf) : [];
  const run = async (move: Move): Promise<boolean> => {
    const command = commandOf(move);
    if (!command) return false;
    try {
      await runCommand(client, kind, ticket, command);
      return true;
    } catch (error) {
      sayFailure(error);
      return false;
    }
  };
  const next = () => {
    const found = nextOf((queue ?? []) as Ticket[], ticket.id, user);
    if (found) void navigate({ to: `/tickets/${found.id}` });
    else say(pageTexts('noMore'));
  };
  const take = () =>
    void change(
      client,
      'tickets',
      ticket,
      { owner: user },
      `${texts('mine')}: ${nameOf(kind, ticket)}`,
    ).catch(() => undefined);
  return {
    allowed,
    canWork,
    run,
    next,
    isMine: !!user && ticket.owner === user,
    take: canWork && user && ticket.owner !== user ? take : undefined,
  };
}
