// SPDX-License-Identifier: Apache-2.0
// A layout while it is edited. Pure: each function answers the next draft.
import type { Plan } from '@/kind/record/layout';

export interface DraftBlock {
  key: string;
  title: string;
  folded: boolean;
  /** Names, in order. */
  fields: string[];
}
export interface DraftTab {
  key: string;
  title: string;
  blocks: DraftBlock[];
}
/** Keys of blocks are unique in all of it, so that a block keeps its own in another tab. */
export type Draft = readonly DraftTab[];

/** What the node takes. */
export const mostTitle = 80;
export const mostTabs = 20;
export const mostBlocks = 40;

/** Fields that are gone are left out, and so is what another block has. */
export function draftOf(plan: Plan | undefined, known: readonly string[]): Draft {
  const left = new Set(known);
  let blocks = 0;
  return (plan?.tabs ?? []).map((tab, at) => ({
    key: String(at + 1),
    title: tab.title ?? '',
    blocks: (tab.blocks ?? []).map((block) => ({
      key: String(++blocks),
      title: block.title ?? '',
      folded: block.folded === true,
      fields: (block.fields ?? []).filter((name) => left.delete(name)),
    })),
  }));
}

export const planOf = (draft: Draft): Plan => ({
  tabs: draft.map((tab) => ({
    name: tab.key,
    title: tab.title.trim(),
    blocks: tab.blocks.map(({ key, title, folded, fields }) => ({
      name: key,
      ...(title.trim() ? { title: title.trim() } : {}),
      fields,
      ...(folded && title.trim() ? { folded } : {}),
    })),
  })),
});

/** Names that no block has. */
export function restOf(draft: Draft, known: readonly string[]): string[] {
  const placed = new Set(draft.flatMap((tab) => tab.blocks.flatMap((block) => block.fields)));
  return known.filter((name) => !placed.has(name));
}

const freeKey = (keys: string[]) => String(Math.max(0, ...keys.map(Number)) + 1);
const eachBlock = (draft: Draft, change: (block: DraftBlock) => DraftBlock): Draft =>
  draft.map((tab) => ({ ...tab, blocks: tab.blocks.map(change) }));

export const newBlock = (draft: Draft): DraftBlock => ({
  key: freeKey(draft.flatMap((tab) => tab.blocks.map((block) => block.key))),
  title: '',
  folded: false,
  fields: [],
});
export const addTab = (draft: Draft, title: string): Draft => [
  ...draft,
  { key: freeKey(draft.map((tab) => tab.key)), title, blocks: [newBlock(draft)] },
];
export const addBlock = (draft: Draft, tab: string): Draft =>
  draft.map((one) => (one.key === tab ? { ...one, blocks: [...one.blocks, newBlock(draft)] } : one));

export const withTab = (draft: Draft, key: string, title: string): Draft =>
  draft.map((tab) => (tab.key === key ? { ...tab, title } : tab));
export const withBlock = (draft: Draft, key: string, patch: Partial<Omit<DraftBlock, 'key'>>): Draft =>
  eachBlock(draft, (block) => (block.key === key ? { ...block, ...patch } : block));

export const withoutTab = (draft: Draft, key: string): Draft => draft.filter((tab) => tab.key !== key);
export const withoutBlock = (draft: Draft, key: string): Draft =>
  draft.map((tab) => ({ ...tab, blocks: tab.blocks.filter((block) => block.key !== key) }));

export type Way = -1 | 1;

export function moveTab(draft: Draft, key: string, by: Way): Draft {
  const at = draft.findIndex((tab) => tab.key === key);
  const [one, other] = [draft[at], draft[at + by]];
  if (!one || !other) return draft;
  return draft.with(at, other).with(at + by, one);
}

/** Past the end of a tab it goes into the next one. */
export function moveBlock(draft: Draft, key: string, by: Way): Draft {
  const at = draft.findIndex((tab) => tab.blocks.some((block) => block.key === key));
  const tab = draft[at];
  const from = tab?.blocks.findIndex((block) => block.key === key) ?? -1;
  const block = tab?.blocks[from];
  if (!tab || !block) return draft;
  const other = tab.blocks[from + by];
  if (other) return draft.with(at, { ...tab, blocks: tab.blocks.with(from, other).with(from + by, block) });
  const next = draft[at + by];
  if (!next) return draft;
  const blocks = by > 0 ? [block, ...next.blocks] : [...next.blocks, block];
  return withoutBlock(draft, key).with(at + by, { ...next, blocks });
}

/** A field into a block, before another or last; without a block it is placed nowhere. */
export function place(draft: Draft, name: string, block?: string, before?: string): Draft {
  if (name === before) return draft;
  return eachBlock(draft, (one) => {
    const fields = one.fields.filter((field) => field !== name);
    if (one.key === block) {
      const at = before === undefined ? -1 : fields.indexOf(before);
      fields.splice(at < 0 ? fields.length : at, 0, name);
    }
    return { ...one, fields };
  });
}

/** One place on: past the end of a block into the next, past the last block it is placed nowhere. */
export function step(draft: Draft, name: string, by: Way): Draft {
  const blocks = draft.flatMap((tab) => tab.blocks);
  const from = blocks.findIndex((block) => block.fields.includes(name));
  const block = blocks[from];
  if (!block) {
    const last = blocks.at(-1);
    return by < 0 && last ? place(draft, name, last.key) : draft;
  }
  const at = block.fields.indexOf(name);
  const other = block.fields[at + by];
  if (other !== undefined)
    return withBlock(draft, block.key, { fields: block.fields.with(at, other).with(at + by, name) });
  const next = blocks[from + by];
  if (!next) return by > 0 ? place(draft, name) : draft;
  return place(draft, name, next.key, by > 0 ? next.fields[0] : undefined);
}

/** Whether the node would take it. */
export const isWhole = (draft: Draft) => draft.every((tab) => tab.title.trim() !== '');
