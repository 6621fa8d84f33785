// SPDX-License-Identifier: Apache-2.0
// Which kinds go through stages. Small: every list asks it.
import type { Field, Kind } from '@/api/kinds';

export interface BoardOf {
  field: Field;
  /** Stages stand at another record: the deal's pipeline. */
  stages?: { reference: Field; plural: string; set: string; key: string };
  /** What ends the way through stages ("won", "lost"): columns behind them. */
  closing?: Field;
}

export type FindKind = (plural: string) => Kind | undefined;

/** A text field "stage" beside a reference to records that have "stages". */
export function stagesOf(kind: Kind, find: FindKind): BoardOf[] {
  for (const reference of kind.fields) {
    const plural = reference.repeated ? undefined : reference.reference;
    const set = plural ? find(plural)?.fields.filter((one) => one.repeated && one.key) : undefined;
    for (const one of set ?? []) {
      const field = kind.fields.find((mine) => mine.type === 'text' && `${mine.name}s` === one.name);
      if (!field || !plural || !one.key) continue;
      const closing = kind.fields.find((mine) => mine.read_only && mine.values?.includes('open'));
      return [
        {
          field,
          stages: { reference, plural, set: one.name, key: one.key },
          ...(closing ? { closing } : {}),
        },
      ];
    }
  }
  return [];
}

/** Kinds whose records go through stages are shown as a board from the start. */
export const isStaged = (kind: Kind, find: FindKind) => stagesOf(kind, find).length > 0;
