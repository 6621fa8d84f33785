// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { type Command, type Field, type Kind, KindBook } from '@/api/kinds';
import type { Row } from '@/api/records';
import { asOffered, type Offer, offersOf } from './offers';
import { planOf } from './plan';

const field = (name: string, more: Partial<Field> = {}): Field => ({ name, type: 'text', ...more }) as Field;
const command = (name: string, more: Partial<Command> = {}): Command =>
  ({ name, verb: name.split('.')[1], kind: `${name.split('.')[0]}s`, ...more }) as Command;
const deals = {
  name: 'deal',
  plural: 'deals',
  label: 'Deal',
  title: 'name',
  customer: 'customer',
  fields: [
    field('name'),
    field('stage', { read_only: true }),
    field('tags', { repeated: true }),
    field('lines', { repeated: true, type: 'object', key: 'sku', fields: [field('sku')] }),
    field('owner', { type: 'bytes', reference: 'users' }),
  ],
} as Kind;
const customers = {
  name: 'customer',
  plural: 'customers',
  label: 'Customer',
  fields: [field('name')],
} as Kind;
const offer = command('handover.offer', {
  bare: true,
  verb: '',
  fields: [
    field('customer', { reference: 'customers', required: true }),
    field('reason', { required: true }),
  ],
});
const book = new KindBook({
  kinds: [deals, customers],
  facts: [],
  commands: [
    command('deal.win'),
    command('deal.advance', { fields: [field('stage', { required: true })] }),
    command('customer.link', { fields: [field('other', { reference: 'customers' })] }),
    command('customer.erase'),
    offer,
  ],
});
const ids = (kind: Kind, count: number, may = () => true) =>
  offersOf(kind, book, may, count).map((one) => one.id);
const offered = (kind: Kind, id: string): Offer => {
  const found = offersOf(kind, book, () => true, 1).find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
};

describe('what is offered', () => {
  it('is what the schema says', () => {
    expect(ids(deals, 2)).toEqual([
      'field owner',
      'deal.win',
      'deal.advance',
      'handover.offer',
      'add tags',
      'remove tags',
      'field name',
      'field tags',
      'archive',
      'restore',
    ]);
  });
  it('is for many only what makes sense for many', () => {
    expect(ids(customers, 1)).toContain('customer.link');
    expect(ids(customers, 2)).not.toContain('customer.link');
    expect(ids(customers, 2)).not.toContain('customer.erase');
  });
  it('is nothing for who may nothing', () => {
    expect(ids(deals, 2, () => false)).toEqual([]);
  });
});

describe('what is sent', () => {
  const row: Row = { id: 'd', version: 'v1', customer: 'c', stage: 'A', tags: ['x', 'y'], name: 'n' };
  const call = (id: string, said: Record<string, unknown>, of = row) =>
    planOf(deals, offered(deals, id), said).callOf(of);
  it('is a change of one field, and nothing where it is so already', () => {
    expect(call('field name', { name: 'm' })).toEqual({
      method: 'PATCH',
      path: 'deals/d',
      body: { name: 'm' },
    });
    expect(call('field name', { name: 'n' })).toBeUndefined();
    expect(call('field name', {})).toEqual({ method: 'PATCH', path: 'deals/d', body: { name: null } });
  });
  it('keeps the other elements of a set', () => {
    expect(call('add tags', { tags: ['y', 'z'] })?.body).toEqual({ tags: ['x', 'y', 'z'] });
    expect(call('add tags', { tags: ['y'] })).toBeUndefined();
    expect(call('remove tags', { tags: ['x', 'q'] })?.body).toEqual({ tags: ['y'] });
    expect(call('remove tags', { tags: ['x', 'y'] })?.body).toEqual({ tags: null });
  });
  it('is a command at the record, or one that is told its customer', () => {
    expect(call('deal.advance', { stage: 'B' })).toEqual({
      method: 'POST',
      path: 'deals/d:advance',
      body: { stage: 'B' },
    });
    expect(call('deal.advance', { stage: 'A' })).toBeUndefined();
    const body = { reason: 'r', customer: 'c' };
    expect(call('handover.offer', { reason: 'r' })).toEqual({ method: 'POST', path: 'handovers', body });
  });
  it('is taken back only as long as nobody has written since, and only if it changed anything', () => {
    const plan = planOf(deals, offered(deals, 'field name'), { name: 'm' });
    expect(plan.backOf(row, { id: 'd', version: 'v2' })).toEqual({
      method: 'POST',
      path: 'deals/d:undo',
      body: {},
      headers: { 'If-Match': '"v2"' },
    });
    expect(plan.backOf(row, { id: 'd', version: 'v1' })).toBeUndefined();
    const back = planOf(deals, offered(deals, 'deal.advance'), { stage: 'B' }).backOf(row, undefined);
    expect(back?.body).toEqual({ stage: 'A' });
    const given = planOf(deals, offered(deals, 'handover.offer'), {}).backOf(row, { id: 'h' });
    expect(given?.path).toBe('handovers/h:withdraw');
  });
  it('is data for many, with the way back', () => {
    const step = (id: string, said: Record<string, unknown>) =>
      planOf(deals, offered(deals, id), said).stepOf(row);
    expect(step('field name', { name: 'm' })).toEqual({
      does: { line: { id: 'd', record: { name: 'm' } } },
      back: { line: { id: 'd', record: { name: 'n' } }, wrote: { name: 'name', value: 'm' } },
    });
    expect(step('field name', { name: 'n' })).toBeUndefined();
    expect(step('add tags', { tags: ['z'] })?.does).toEqual({
      line: { id: 'd', record: { tags: ['x', 'y', 'z'] }, if_match: 'v1' },
    });
    expect(step('archive', {})).toEqual({
      does: { line: { id: 'd', archived: true } },
      back: { line: { id: 'd', archived: false } },
    });
    expect(step('restore', {})).toBeUndefined();
    expect(step('handover.offer', { reason: 'r' })?.back).toEqual({
      call: { method: 'POST', path: 'handovers/{id}:withdraw', body: {} },
    });
    expect(step('deal.win', {})).toEqual(structuredClone(step('deal.win', {})));
  });
});

it('hands over to other departments, and offers any other choice whole', () => {
  const to = field('to', { values: ['any', 'sales', 'marketing', 'service'] });
  const give: Offer = { type: 'give', id: 'handover.offer', command: offer, by: 'customer', from: 'id' };
  expect(asOffered(give, to, 'sales').values).toEqual(['marketing', 'service']);
  const win: Offer = { type: 'command', id: 'deal.win', command: command('deal.win') };
  expect(asOffered(win, to, 'sales')).toBe(to);
  const reason = field('reason');
  expect(asOffered(give, reason, 'sales')).toBe(reason);
});
