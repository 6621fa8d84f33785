// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Field } from '@/api/kinds';
import type { Row } from '@/api/records';
import { arrange, namesIn, REST } from './arrange';
import { layoutOf, type Plan } from './layout';

const field = (name: string) => ({ name, type: 'text' }) as Field;
const fields = ['name', 'phone', 'mail', 'owner', 'note'].map(field);
const anything = () => true;
/** "Tab: Title(fields), ..." */
const say = (plan: Plan, of = fields, rest: (one: Field) => boolean = anything) =>
  arrange(plan, of, rest, 'More').map(
    (tab) =>
      `${tab.title}: ${tab.blocks.map((block) => `${block.title}${block.isFolded ? '-' : ''}(${block.fields.map((one) => one.name).join(' ')})`).join(', ')}`,
  );

const two: Plan = {
  tabs: [
    { name: '1', title: 'Reach', blocks: [{ name: '1', title: 'By', fields: ['mail', 'phone'] }] },
    { name: '2', title: 'Work', blocks: [{ name: '1', fields: ['owner'], folded: true }] },
  ],
};

describe('fields by a layout', () => {
  test('stand as they are named; what is named nowhere comes last, in a tab where there are several', () => {
    expect(say(two)).toEqual(['Reach: By(mail phone)', 'Work: (owner)', 'More: (name note)']);
    expect(say({ tabs: [two.tabs?.[0] ?? {}] })).toEqual(['Reach: By(mail phone), More(name owner note)']);
  });
  test('a block with nothing to show is not there, nor a tab of such blocks; one tab that is left has the rest', () => {
    const seen = fields.filter((one) => one.name !== 'owner');
    expect(say(two, seen)).toEqual(['Reach: By(mail phone), More(name note)']);
    expect(say(two, [field('note')])).toEqual(['More: (note)']);
    expect(say(two, [])).toEqual([]);
  });
  test('nothing is lost nor there twice, whatever the layout names', () => {
    const odd: Plan = {
      tabs: [
        { title: 'A', blocks: [{ fields: ['gone', 'phone', 'phone'] }, {}] },
        {},
        { title: 'B', blocks: [{ title: 'x', fields: ['phone', 'mail'] }] },
      ],
    };
    const laid = arrange(odd, fields, anything, 'More').flatMap((tab) =>
      tab.blocks.flatMap((one) => one.fields),
    );
    expect(laid.map((one) => one.name).sort()).toEqual(fields.map((one) => one.name).sort());
  });
  test('what stands elsewhere on the page comes where it is named, and not among the rest', () => {
    const rest = (one: Field) => one.name !== 'name' && one.name !== 'mail';
    expect(say({ tabs: [{ title: 'A', blocks: [{ fields: ['mail'] }] }] }, fields, rest)).toEqual([
      'A: (mail), More(phone owner note)',
    ]);
  });
  test('only what has a title can be closed', () => {
    const plan: Plan = { tabs: [{ title: 'A', blocks: [{ title: 'T', fields: ['note'], folded: true }] }] };
    expect(say(plan, [field('note')])).toEqual(['A: T-(note)']);
    expect(say({ tabs: [two.tabs?.[1] ?? {}] }, [field('owner')])).toEqual(['Work: (owner)']);
  });
  test('keys of a plan are not the key of the rest, nor empty', () => {
    const plan: Plan = { tabs: [{ name: REST, title: 'A', blocks: [{ name: REST, fields: ['note'] }] }] };
    const [tab] = arrange(plan, fields, anything, 'More');
    expect(tab?.key).not.toBe(REST);
    expect(tab?.blocks.map((block) => block.key === REST)).toEqual([false, true]);
    expect(arrange(two, fields, anything, 'More').every((one) => one.key !== '')).toBe(true);
  });
});

test('of two layouts that nodes made while they were apart, everybody takes the same', () => {
  const rows = [
    { id: 'b', of: 'deals' },
    { id: 'c', of: 'customers' },
    { id: 'a', of: 'deals' },
  ] as Row[];
  expect(layoutOf(rows, 'deals')?.id).toBe('a');
  expect(layoutOf([...rows].reverse(), 'deals')?.id).toBe('a');
  expect(layoutOf(rows, 'tickets')).toBeUndefined();
  expect(namesIn(two)).toEqual(['mail', 'phone', 'owner']);
});
