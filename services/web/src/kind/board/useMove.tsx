// SPDX-License-Identifier: Apache-2.0
// Moving a card: shown at once, one step behind the other; what a command wants to know is asked first.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act, change } from '@/api/act';
import { type Kind, useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useMayWith } from '@/api/session';
import { say } from '@/ui/toast';
import { nameOf } from '../field/Reference';
import { type BoardColumn, standsIn } from './columns';
import { type Step, stepsTo } from './moves';
import { texts } from './texts';
import type { BoardState } from './useBoard';

export interface Asking {
  row: Row;
  to: BoardColumn;
  step: Step;
  run: (body: Record<string, unknown>) => Promise<void>;
}

interface Doing {
  row: Row;
  step: Step;
  more: Record<string, unknown>;
  /** What is done, in words. */
  label: string;
}

const doStep = (client: QueryClient, kind: Kind, { row, step, more, label }: Doing) => {
  if (!step.command) return change(client, kind.plural, row, step.patch, label, { done: null });
  return act(client, {
    method: 'POST',
    path: `${kind.plural}/${row.id}:${step.command.verb}`,
    body: { ...step.body, ...more },
    label,
    record: { plural: kind.plural, id: row.id, patch: step.patch },
    done: null,
  });
};

export function useMove(
  columns: BoardColumn[],
  kind: Kind,
  noteMove: BoardState['noteMove'],
  labelOf: (to: BoardColumn) => string,
) {
  const client = useQueryClient();
  const book = useKinds();
  const may = useMayWith();
  const [asking, setAsking] = useState<Asking>();
  const commands = book.commandsOf(kind.plural);
  const steps = (row: Row, to: BoardColumn) =>
    may('change', kind, row) ? stepsTo(kind, commands, row, to) : undefined;
  const run = async (row: Row, to: BoardColumn, all: Step[], more: Record<string, unknown> = {}) => {
    const forget = noteMove(row, to);
    const from = standsIn(columns, row);
    let answer: Row | undefined;
    const label = `${nameOf(kind, row)}: ${labelOf(to)}`;
    try {
      for (const step of all)
        answer = await doStep(client, kind, { row, step, more: step.asks ? more : {}, label });
    } catch {
      // The reason is on the screen already.
      forget();
      return;
    }
    const now = answer;
    // What waits for a node says so itself. Back is a move, too: the history keeps both.
    if (now)
      say(texts('moved', { column: labelOf(to) }), {
        ...(from && stepsTo(kind, commands, now, from)
          ? { action: { label: texts('undo'), run: () => move(now, from) } }
          : {}),
      });
  };
  const move = (row: Row, to: BoardColumn) => {
    const all = steps(row, to);
    if (!all?.length) return;
    const asks = all.find((step) => step.asks);
    if (!asks) void run(row, to, all);
    else setAsking({ row, to, step: asks, run: (body) => run(row, to, all, body) });
  };
  return {
    canMove: (row: Row, to: BoardColumn) => !!steps(row, to),
    move,
    asking,
    close: () => setAsking(undefined),
  };
}
