// SPDX-License-Identifier: Apache-2.0
// What the palette finds. Pure.
import type { ReactNode } from 'react';
import { groupBy } from '@/ui/groups';

export interface Row {
  id: string;
  section: string;
  label: string;
  /** Beside the label: what kind of thing it is. */
  hint?: string;
  icon?: ReactNode;
  keys?: string;
  run: () => void;
}

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** How well it fits; undefined: some word is not in it. A start of the label counts more than a start of a word. */
export function fits(query: string, label: string): number | undefined {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const text = plain(label);
  let score = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return undefined;
    score += at === 0 ? 3 : /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 2 : 1;
  }
  return score;
}

/** The rows that fit, the best of each section first; sections keep their order. */
export function found(rows: Row[], query: string, most = 8): Row[] {
  const sections = groupBy(rows, (row) => row.section);
  return [...sections.values()].flatMap((all) =>
    all
      .map((row) => ({ row, score: fits(query, `${row.label} ${row.hint ?? ''}`) }))
      .filter((one): one is { row: Row; score: number } => one.score !== undefined)
      .sort((a, b) => b.score - a.score)
      .slice(0, most)
      .map(({ row }) => row),
  );
}
