// SPDX-License-Identifier: Apache-2.0
// What a column can become: fields of the kind and parts of them, as paths of the API.
import type { Field, Kind } from '@/api/kinds';
import { elementShape, labelOf } from '@/kind/field/shape';

export interface Target {
  path: string;
  /** Labels from the outside in. */
  labels: string[];
}

/** Columns that hold the second and third of a list: emails[2].value. */
const elements = ['', '[2]', '[3]'];

function targetsOf(field: Field): Target[] {
  const label = labelOf(field);
  if (elementShape(field) !== 'object') return [{ path: field.name, labels: [label] }];
  const places = field.repeated ? (field.key ? elements : ['']) : [''];
  return places.flatMap((place) =>
    (field.fields ?? []).map((part) => ({
      path: `${field.name}${place}.${part.name}`,
      labels: [place ? `${label} ${place.slice(1, -1)}` : label, labelOf(part)],
    })),
  );
}

export const targets = (kind: Kind): Target[] =>
  kind.fields.filter((field) => !field.read_only).flatMap(targetsOf);

/** "emails[2].value" as "emails.value": what a record can be found by. */
export const keyPath = (path: string) => path.replace(/\[\d\]/, '');

/** What can tell records apart: all that a column becomes, each once. */
export const keysOf = (mapping: Record<string, string>): string[] => [
  ...new Set(Object.values(mapping).filter(Boolean).map(keyPath)),
];

/** Two columns that would become the same. */
export function doubled(mapping: Record<string, string>): Set<string> {
  const seen = new Map<string, string>();
  const twice = new Set<string>();
  for (const [column, path] of Object.entries(mapping)) {
    if (!path) continue;
    const other = seen.get(path);
    if (other !== undefined) {
      twice.add(other);
      twice.add(column);
    }
    seen.set(path, column);
  }
  return twice;
}

/** Fields that every record needs and no column gives. */
export const missing = (kind: Kind, mapping: Record<string, string>): Field[] => {
  const given = new Set(Object.values(mapping).map((path) => path.split(/[.[]/)[0]));
  return kind.fields.filter((field) => field.required && !field.read_only && !given.has(field.name));
};
