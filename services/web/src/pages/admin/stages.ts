// SPDX-License-Identifier: Apache-2.0
// Stages of a pipeline while they are edited. Pure.
import type { components } from '@/api/schema';

export type Stage = components['schemas']['Stage'];

export const inOrder = (stages: readonly Stage[]): Stage[] =>
  [...stages].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));

export const stagesToSend = (stages: readonly Stage[]): Stage[] =>
  stages
    .map((stage) => ({ ...stage, name: stage.name.trim() }))
    .filter((stage) => stage.name)
    .map((stage, at) => ({
      name: stage.name,
      order: at + 1,
      probability: Math.min(100, Math.max(0, stage.probability ?? 0)),
    }));

/** One more at the end, a little likelier than the one before. */
export const withStage = (stages: readonly Stage[]): Stage[] => [
  ...stages,
  { name: '', probability: Math.min(100, (stages.at(-1)?.probability ?? 0) + 10) },
];

export function moved(stages: readonly Stage[], at: number, by: -1 | 1): Stage[] {
  const next = [...stages];
  const [one, other] = [next[at], next[at + by]];
  if (one && other) {
    next[at] = other;
    next[at + by] = one;
  }
  return next;
}
