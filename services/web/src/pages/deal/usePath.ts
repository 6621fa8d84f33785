// SPDX-License-Identifier: Apache-2.0
// Stages of a deal's pipeline as columns of its board, and the ways between them: the same moves, with the
// same undo, as on the board.
import { useQuery } from '@tanstack/react-query';
import { type Kind, useKinds } from '@/api/kinds';
import { recordQuery } from '@/api/records';
import { useActions } from '@/app/useActions';
import { type BoardColumn, columnsOf, stageNames, standsIn } from '@/kind/board/columns';
import { stagesOf } from '@/kind/board/staged';
import { useMove } from '@/kind/board/useMove';
import { choiceText } from '@/kind/field/choice';
import { usePast } from '@/kind/past/moment';
import type { Deal } from './deal';

const labelOf = (column: BoardColumn) =>
  column.field.values ? choiceText(column.field, column.value ?? '') : (column.value ?? '');
const nothing = () => undefined;

export function usePath(kind: Kind, deal: Deal) {
  const book = useKinds();
  const past = usePast();
  const board = stagesOf(kind, (plural) => book.byPlural(plural))[0];
  const { data: pipeline } = useQuery({
    ...recordQuery('pipelines', deal.pipeline ?? ''),
    enabled: !!deal.pipeline,
  });
  // A stage that the pipeline has lost since is where the deal stands all the same.
  const here = { key: { stage: deal.stage, state: 'open' }, count: 1 };
  const columns = board ? columnsOf(board, stageNames(board, pipeline), [here]) : [];
  const stages = columns.filter((one) => one.field === board?.field);
  const isOpen = deal.state === 'open' || deal.state === undefined;
  const at = stages.findIndex((one) => one.value === deal.stage);
  const move = useMove(columns, kind, () => nothing, labelOf);
  const wayTo = (to: BoardColumn | undefined) =>
    !past && to && to !== standsIn(columns, deal) && move.canMove(deal, to)
      ? () => move.move(deal, to)
      : undefined;
  const ending = (value: string) =>
    columns.find((one) => one.field === board?.closing && one.value === value);
  const ways = {
    forward: isOpen ? wayTo(stages[at + 1]) : undefined,
    back: isOpen && at > 0 ? wayTo(stages[at - 1]) : undefined,
    win: wayTo(ending('won')),
    lose: wayTo(ending('lost')),
    reopen: isOpen ? undefined : wayTo(stages[at]),
  };
  useActions({
    'deal.forward': ways.forward,
    'deal.back': ways.back,
    'deal.win': ways.win,
    'deal.lose': ways.lose,
    'deal.reopen': ways.reopen,
  });
  return {
    stages,
    at,
    isOpen,
    ways,
    wayTo: isOpen ? wayTo : () => undefined,
    asking: move.asking,
    close: move.close,
  };
}
