// SPDX-License-Identifier: Apache-2.0
// What a webhook is told of, as its record says it and as the form has it.
import type { Row } from '@/api/records';

export interface Draft {
  name: string;
  url: string;
  kinds: string[];
  fact: string;
  topic: string;
  filter: string;
  parallel: number;
}
export const emptyDraft: Draft = {
  name: '',
  url: '',
  kinds: [],
  fact: '',
  topic: '',
  filter: '',
  parallel: 1,
};

/** What is not said is left out. */
export function bodyOf(draft: Draft): Record<string, unknown> {
  const { kinds, parallel, ...texts } = draft;
  const said = Object.entries(texts)
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([, text]) => text !== '');
  return {
    ...Object.fromEntries(said),
    ...(kinds.length ? { kind: kinds.join(',') } : {}),
    parallel,
    enabled: true,
  };
}

const parts = (value: unknown): string[] =>
  typeof value === 'string'
    ? value
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean)
    : [];

/** Empty: everything. */
export const wantsOf = (row: Row): string[] => [
  ...parts(row.topic),
  ...parts(row.kind),
  ...parts(row.fact),
  ...(typeof row.filter === 'string' && row.filter ? [row.filter] : []),
];

export type State = 'on' | 'off' | 'stopped';
export const stateOf = (row: Row): State =>
  typeof row.stopped === 'string' && row.stopped !== '' ? 'stopped' : row.enabled ? 'on' : 'off';
export const stateColors: Record<State, string> = { on: 'teal', off: 'gray', stopped: 'red' };
