// SPDX-License-Identifier: Apache-2.0
// Records of any kind as cards in columns: by stage, or by a choice that the kind has.
import { Button, Center, Loader, Select, VisuallyHidden } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Suspense, useId } from 'react';
import { OfflineError } from '@/api/problem';
import { useSession } from '@/api/session';
import { later } from '@/app/offline/later';
import { pages } from '@/app/registry';
import { useSchemaTexts } from '@/texts/schema';
import { Failed } from '@/ui/Failed';
import { choiceText } from '../field/choice';
import { nameOf } from '../field/Reference';
import { labelOf } from '../field/shape';
import { rememberList } from '../list/neighbours';
import { type List, useLook } from '../list/useList';
import classes from './Board.module.css';
import { Column } from './Column';
import { type BoardColumn, cardFields } from './columns';
import { useTexts } from './texts';
import { type BoardState, useBoard } from './useBoard';
import { useKeys } from './useKeys';
import { useMove } from './useMove';

const CommandForm = later(() => import('../record/CommandForm'));

/** Where stages are edited, for who may. */
function useStagesPath(plural: string | undefined): string | undefined {
  const session = useSession();
  const page = pages.find((one) => one.path === `/admin/${plural}` && (!one.when || one.when(session)));
  return page?.path;
}

function Choices({ list, state }: { list: List; state: BoardState }) {
  const t = useTexts();
  const { labelText } = useSchemaTexts();
  const { boards, board, pipelines, pipeline } = state;
  const path = useStagesPath(board.stages?.plural);
  if (boards.length < 2 && pipelines.length < 2 && !path) return null;
  return (
    <div className={classes.choices}>
      {boards.length > 1 && (
        <Select
          aria-label={t('by')}
          data={boards.map(({ field }) => ({ value: field.name, label: labelText(labelOf(field)) }))}
          value={board.field.name}
          allowDeselect={false}
          onChange={(group) => list.set({ group: group ?? '' })}
        />
      )}
      {pipelines.length > 1 && (
        <Select
          aria-label={t('pipeline')}
          data={pipelines.map((one) => ({ value: one.id, label: String(one.name ?? '') }))}
          value={pipeline?.id ?? null}
          allowDeselect={false}
          onChange={(id) => list.say({ pipeline: id ?? undefined })}
        />
      )}
      {path && (
        <Button
          component={Link}
          to={path}
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconPencil size={14} />}
        >
          {t('stages')}
        </Button>
      )}
    </div>
  );
}

function Columns({ list, state }: { list: List; state: BoardState }) {
  const t = useTexts();
  const hintId = useId();
  const { kind } = list;
  const { board, columns, rows, totals, questions } = state;
  const label = (one: BoardColumn) =>
    one.value === null ? t('noValue') : one.field.values ? choiceText(one.field, one.value) : one.value;
  const { canMove, move, asking, close } = useMove(columns, kind, state.noteMove, label);
  const keys = useKeys({ columns, rows, nameOf: (row) => nameOf(kind, row), labelOf: label, canMove, move });
  const [look] = useLook(kind.plural);
  const fields = look.compact ? [] : cardFields(kind, board, list.columns);
  return (
    <div className={classes.columns}>
      <VisuallyHidden id={hintId}>{t('hint')}</VisuallyHidden>
      <VisuallyHidden aria-live="assertive" role="status">
        {keys.said}
      </VisuallyHidden>
      {columns.map((column, at) => {
        const question = questions[at];
        const mine = rows[at] ?? [];
        return (
          question && (
            <Column
              key={column.key}
              kind={kind}
              column={column}
              label={label(column)}
              values={columns.map((one) => one.value ?? '')}
              question={question}
              rows={mine}
              total={totals.get(column.key)}
              fields={fields}
              hintId={hintId}
              picked={keys.picked?.id}
              isTarget={keys.picked?.over === at}
              canTake={(row) => canMove(row, column)}
              waysOf={(row) =>
                columns
                  .filter((to) => to !== column && canMove(row, to))
                  .map((to) => ({ column: to, label: label(to) }))
              }
              onMove={move}
              onKey={keys.onKey}
              onOpen={(opened) =>
                rememberList(
                  kind.plural,
                  mine.map((row) => row.id),
                  opened.id,
                  list.search,
                )
              }
              focus={keys.focus}
              onFocused={keys.focused}
            />
          )
        );
      })}
      {asking?.step.command && (
        <Suspense>
          <CommandForm
            kind={kind}
            row={asking.row}
            command={asking.step.command}
            run={asking.run}
            onClose={close}
          />
        </Suspense>
      )}
    </div>
  );
}

export default function Board({ list }: { list: List }) {
  const state = useBoard(list);
  // Without a node there are no columns; they come with it, and the filter stays.
  if (state?.error instanceof OfflineError) return <Failed error={state.error} />;
  if (state?.error) return <Failed error={state.error} reset={() => list.set({ filter: '' })} />;
  if (!state || state.isPending)
    return (
      <Center h="100%">
        <Loader size="sm" />
      </Center>
    );
  return (
    <div className={classes.board}>
      <Choices list={list} state={state} />
      <Columns list={list} state={state} />
    </div>
  );
}
