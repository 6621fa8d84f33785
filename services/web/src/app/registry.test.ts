// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { actions } from './registry';
import { keysOf } from './useActions';

test('no two actions of one group have the same key, nor one that always works and another', () => {
  const taken = new Map<string, string>();
  const twice: string[] = [];
  for (const action of actions)
    for (const keys of keysOf(action)) {
      const groups = action.run ? ['', action.group()] : [action.group()];
      for (const group of groups) {
        const place = `${group} ${keys}`;
        if (taken.has(place) && taken.get(place) !== action.id) twice.push(`${place}: ${action.id}`);
        taken.set(place, action.id);
      }
    }
  const always = new Set(actions.filter((action) => action.run).flatMap(keysOf));
  for (const action of actions)
    if (!action.run && keysOf(action).some((keys) => always.has(keys))) twice.push(action.id);
  expect(twice).toEqual([]);
});
