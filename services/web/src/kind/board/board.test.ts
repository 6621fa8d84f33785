// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Command, Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import { boardsOf, columnFilter, columnsOf, placed, stageNames, standsIn, totalsOf } from './columns';
import { stepsTo } from './moves';
import { cardBeside } from './useKeys';

const text = (name: string, more: Partial<Field> = {}) => ({ name, type: 'text', ...more }) as Field;
const deal = {
  name: 'deal',
  plural: 'deals',
  label: 'Deal',
  title: 'name',
  fields: [
    text('name'),
    text('pipeline', { reference: 'pipelines' }),
    text('stage', { read_only: true }),
    text('state', { type: 'enum', values: ['open', 'won', 'lost'], read_only: true, indexed: true }),
    text('priority', { type: 'enum', values: ['low', 'high'] }),
  ],
} as unknown as Kind;
const pipelines = {
  name: 'pipeline',
  plural: 'pipelines',
  fields: [text('stages', { repeated: true, type: 'object', key: 'name' })],
} as unknown as Kind;
const find = (plural: string) => (plural === 'pipelines' ? pipelines : undefined);
const boards = boardsOf(deal, find);
const board = boards[0];
if (!board) throw new Error('no board');
const pipeline: Row = {
  id: 'p',
  stages: [
    { name: 'Offer', order: 2 },
    { name: 'New', order: 1 },
  ],
};
const columns = columnsOf(board, stageNames(board, pipeline), []);
const command = (verb: string, fields: Field[] = []) =>
  ({ name: `deal.${verb}`, verb, kind: 'deals', fields }) as unknown as Command;
const commands = [
  command('advance', [text('stage', { required: true })]),
  command('win'),
  command('reopen'),
  command('lose', [text('reason', { required: true })]),
];
const row = (id: string, stage: string, state = 'open', euros = 1): Row => ({
  id,
  stage,
  state,
  amount: { amount_minor: euros, currency: 'EUR' },
});
const at = (key: string) => {
  const found = columns.find((one) => one.key === key);
  if (!found) throw new Error(key);
  return found;
};

describe('columns', () => {
  test('stages in their order, then what closes', () => {
    expect(boards.map((one) => one.field.name)).toEqual(['stage', 'state', 'priority']);
    expect(columns.map((one) => one.key)).toEqual(['stage:New', 'stage:Offer', 'state:won', 'state:lost']);
  });
  test('a stage that only records know has a column', () => {
    const found = columnsOf(board, ['New'], [{ key: { stage: 'Old', state: 'open' }, count: 2 }]);
    expect(found.map((one) => one.key)).toEqual(['stage:New', 'stage:Old', 'state:won', 'state:lost']);
  });
  test('a filter asks for one column of what the list shows', () => {
    expect(columnFilter(at('stage:New'), 'a = 1 OR b = 2')).toBe(
      '(a = 1 OR b = 2) AND state = "open" AND stage = "New"',
    );
  });
  test('a deal that is won stands there, whatever its stage', () => {
    expect(standsIn(columns, row('1', 'New', 'won'))?.key).toBe('state:won');
  });
});

describe('cards', () => {
  test('go to their new column before lists are read again, once', () => {
    const moved = row('1', 'Offer');
    const lists = [[moved, row('2', 'New')], [row('3', 'Offer')], [], []];
    expect(placed(columns, lists).map((rows) => rows.map((one) => one.id))).toEqual([
      ['2'],
      ['1', '3'],
      [],
      [],
    ]);
  });
  test('arrows pass empty columns', () => {
    const rows = [[row('1', 'New'), row('2', 'New')], [], [row('3', 'Offer')]];
    expect(cardBeside(rows, '2', [1, 0])?.id).toBe('3');
    expect(cardBeside(rows, '1', [0, 1])?.id).toBe('2');
    expect(cardBeside(rows, '1', [-1, 0])).toBeUndefined();
  });
  test('counts and sums follow a move', () => {
    const groups = [
      {
        key: { stage: 'New', state: 'open' },
        count: 2,
        sums: { amount: [{ currency: 'EUR', amount_minor: 30 }] },
      },
    ];
    const moves = [{ row: row('1', 'New', 'open', 10), from: 'stage:New', to: 'state:won', at: 1 }];
    const totals = totalsOf(columns, groups, 'amount', moves);
    expect(totals.get('stage:New')).toEqual({ count: 1, sums: new Map([['EUR', 20]]) });
    expect(totals.get('state:won')).toEqual({ count: 1, sums: new Map([['EUR', 10]]) });
  });
});

describe('moves', () => {
  const verbs = (from: Row, to: string) =>
    stepsTo(deal, commands, from, at(to))?.map((step) => step.command?.verb ?? 'write');
  test('by commands', () => {
    expect(verbs(row('1', 'New'), 'stage:Offer')).toEqual(['advance']);
    expect(verbs(row('1', 'New'), 'state:won')).toEqual(['win']);
    expect(verbs(row('1', 'New', 'lost'), 'stage:Offer')).toEqual(['reopen', 'advance']);
    expect(verbs(row('1', 'New', 'won'), 'state:lost')).toBeUndefined();
    expect(stepsTo(deal, [], row('1', 'New'), at('stage:Offer'))).toBeUndefined();
  });
  test('losing asks, the others do not', () => {
    expect(stepsTo(deal, commands, row('1', 'New'), at('state:lost'))?.[0]?.asks).toBe(true);
    expect(stepsTo(deal, commands, row('1', 'New'), at('stage:Offer'))?.[0]?.asks).toBe(false);
  });
  test('a plain choice is written', () => {
    const priority = boards[2];
    const high = priority && columnsOf(priority, [], [])[1];
    expect(high && stepsTo(deal, [], { id: '1', priority: 'low' }, high)?.[0]?.body).toEqual({
      priority: 'high',
    });
  });
});
