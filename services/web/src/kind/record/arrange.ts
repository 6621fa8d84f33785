// SPDX-License-Identifier: Apache-2.0
// Which fields stand where by a layout. Pure.
import type { Field } from '@/api/kinds';
import type { Plan } from './layout';

export interface LaidBlock {
  key: string;
  title: string;
  isFolded: boolean;
  fields: Field[];
}
export interface LaidTab {
  key: string;
  title: string;
  blocks: LaidBlock[];
}

/** The key of what no block names. Those of a plan begin with another sign. */
export const REST = 'rest';
const keyOf = (name: string | undefined, at: number) => `.${name ?? at + 1}`;

export const namesIn = (plan: Plan): string[] =>
  (plan.tabs ?? []).flatMap((tab) => (tab.blocks ?? []).flatMap((block) => block.fields ?? []));

/**
 * Tabs with their blocks, without what has nothing to show. `fields` can be shown where the plan names them, those of
 * them that `rest` allows come last when it does not: in a tab of their own when there are several, else in a block.
 */
export function arrange(
  plan: Plan,
  fields: readonly Field[],
  rest: (field: Field) => boolean,
  more: string,
): LaidTab[] {
  const left = new Map(fields.map((field) => [field.name, field]));
  const take = (name: string) => {
    const field = left.get(name);
    left.delete(name);
    return field ? [field] : [];
  };
  const tabs = (plan.tabs ?? [])
    .map((tab, at) => ({
      key: keyOf(tab.name, at),
      title: tab.title ?? '',
      blocks: (tab.blocks ?? [])
        .map((block, index) => ({
          key: keyOf(block.name, index),
          title: block.title ?? '',
          isFolded: block.folded === true && !!block.title,
          fields: (block.fields ?? []).flatMap(take),
        }))
        .filter((block) => block.fields.length > 0),
    }))
    .filter((tab) => tab.blocks.length > 0);
  const over = [...left.values()].filter(rest);
  if (over.length === 0) return tabs;
  const block = { key: REST, title: more, isFolded: false, fields: over };
  const [only] = tabs;
  if (!only) return [{ key: REST, title: more, blocks: [{ ...block, title: '' }] }];
  if (tabs.length === 1) return [{ ...only, blocks: [...only.blocks, block] }];
  return [...tabs, { key: REST, title: more, blocks: [{ ...block, title: '' }] }];
}
