// SPDX-License-Identifier: Apache-2.0
// Moving a card: shown at once, one step behind the other; what a command wants to know is asked first.
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { act, change } from '@/api/act';
import { type Kind, useKinds } from '@/api/kinds';
import type { Row } from '@/api/records';
import { useMay } from '@/api/session';
import { nameOf } from '../field/Reference';
import type { BoardColumn } from './columns';
import { type Step, stepsTo } from './moves';
import { texts } from './texts';
import type { BoardState } from './useBoard';

export interface Asking {
  row: Row;
  to: BoardColumn;
  step: Step;
  run: (body: Record<string, unknown>) => Promise<void>;
}

const doStep = (client: QueryClient, kind: Kind, row: Row, step: Step, done: string | null, more = {}) => {
  const label = `${nameOf(kind, row)}: ${Object.values(step.patch).join()}`;
  if (!step.command) return change(client, kind.plural, row, step.patch, label, { done });
  return act(client, {
    method: 'POST',
    path: `${kind.plural}/${row.id}:${step.command.verb}`,
    body: { ...step.body, ...more },
    label,
    record: { plural: kind.plural, id: row.id, patch: step.patch },
    done,
  });
};

export function useMove(kind: Kind, noteMove: BoardState['noteMove'], labelOf: (to: BoardColumn) => string) {
  const client = useQueryClient();
  const book = useKinds();
  const may = useMay();
  const [asking, setAsking] = useState<Asking>();
  const commands = book.commandsOf(kind.plural);
  const steps = (row: Row, to: BoardColumn) =>
    may('change', kind.name) ? stepsTo(kind, commands, row, to) : undefined;
  const run = async (row: Row, to: BoardColumn, all: Step[], more = {}) => {
    const forget = noteMove(row, to);
    try {
      for (const step of all)
        await doStep(
          client,
          kind,
          row,
          step,
          step === all.at(-1) ? texts('moved', { column: labelOf(to) }) : null,
          step.asks ? more : {},
        );
    } catch {
      // The reason is on the screen already.
      forget();
    }
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
