// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import {
  addBlock,
  addTab,
  type Draft,
  draftOf,
  isWhole,
  moveBlock,
  moveTab,
  place,
  planOf,
  restOf,
  step,
  withBlock,
  withoutBlock,
  withoutTab,
  withTab,
} from './arrangement';

const known = ['a', 'b', 'c', 'd', 'e'];
const start = draftOf(
  {
    tabs: [
      { name: 'x', title: 'One', blocks: [{ title: 'P', fields: ['a', 'b'] }, { fields: [] }] },
      { name: 'y', title: 'Two', blocks: [{ fields: ['c'], folded: true }] },
    ],
  },
  known,
);
/** "ab||c": blocks between lines, tabs between slashes. */
const say = (draft: Draft) =>
  draft.map((tab) => tab.blocks.map((block) => block.fields.join('')).join('|')).join('/');

describe('a layout that is edited', () => {
  test('begins as it is kept, without fields that are gone or stand twice', () => {
    expect(say(start)).toBe('ab|/c');
    expect(
      say(draftOf({ tabs: [{ blocks: [{ fields: ['a', 'gone', 'b'] }, { fields: ['b', 'c'] }] }] }, known)),
    ).toBe('ab|c');
    expect(draftOf(undefined, known)).toEqual([]);
    expect(restOf(start, known)).toEqual(['d', 'e']);
  });
  test('a field walks through blocks and tabs, out at the end, and back in', () => {
    let draft = start;
    const seen = [say(draft)];
    for (let count = 0; count < 6; count++) {
      draft = step(draft, 'a', 1);
      seen.push(say(draft));
    }
    expect(seen).toEqual(['ab|/c', 'ba|/c', 'b|a/c', 'b|/ac', 'b|/ca', 'b|/c', 'b|/c']);
    expect(restOf(draft, known)).toContain('a');
    for (let count = 0; count < 6; count++) draft = step(draft, 'a', -1);
    expect(say(draft)).toBe('ab|/c');
    expect(step(start, 'a', -1)).toBe(start);
    expect(step(draftOf(undefined, known), 'a', -1)).toEqual([]);
  });
  test('a field that is dropped comes before the one it is dropped on, last in a block, or into none', () => {
    expect(say(place(start, 'd', '1', 'b'))).toBe('adb|/c');
    expect(say(place(start, 'a', '3'))).toBe('b|/ca');
    expect(say(place(start, 'a', '1'))).toBe('ba|/c');
    expect(say(place(start, 'b', '1', 'a'))).toBe('ba|/c');
    expect(say(place(start, 'c'))).toBe('ab|/');
    expect(place(start, 'a', '1', 'a')).toBe(start);
  });
  test('blocks move past the ends of tabs, tabs among tabs', () => {
    expect(say(moveBlock(start, '1', 1))).toBe('|ab/c');
    expect(say(moveBlock(moveBlock(start, '1', 1), '1', 1))).toBe('/ab|c');
    expect(say(moveBlock(start, '3', -1))).toBe('ab||c/');
    expect(moveBlock(start, '1', -1)).toBe(start);
    expect(moveBlock(start, '3', 1)).toBe(start);
    expect(say(moveTab(start, '1', 1))).toBe('c/ab|');
    expect(moveTab(start, '1', -1)).toBe(start);
    expect(moveTab(start, '2', 1)).toBe(start);
  });
  test('what a part that is removed had is in no block', () => {
    expect(restOf(withoutTab(start, '1'), known)).toEqual(['a', 'b', 'd', 'e']);
    expect(restOf(withoutBlock(start, '3'), known)).toEqual(['c', 'd', 'e']);
  });
  test('new parts have keys of their own, also after others went', () => {
    const draft = addBlock(addTab(withoutTab(start, '1'), 'New'), '2');
    const blocks = draft.flatMap((tab) => tab.blocks.map((block) => block.key));
    expect(new Set(blocks).size).toBe(blocks.length);
    expect(new Set(draft.map((tab) => tab.key)).size).toBe(draft.length);
    expect(say(draft)).toBe('c|/');
  });
  test('is sent as the node takes it', () => {
    expect(isWhole(start)).toBe(true);
    expect(isWhole(withTab(start, '1', '  '))).toBe(false);
    expect(planOf(withBlock(start, '3', { title: ' Q ' }))).toEqual({
      tabs: [
        {
          name: '1',
          title: 'One',
          blocks: [
            { name: '1', title: 'P', fields: ['a', 'b'] },
            { name: '2', fields: [] },
          ],
        },
        { name: '2', title: 'Two', blocks: [{ name: '3', title: 'Q', fields: ['c'], folded: true }] },
      ],
    });
    expect(planOf(start).tabs?.[1]?.blocks?.[0]).toEqual({ name: '3', fields: ['c'] });
  });
});
