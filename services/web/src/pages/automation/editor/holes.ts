// SPDX-License-Identifier: Apache-2.0
// Values of the record that a text may have in it. Pure.
import type { KindBook } from '@/api/kinds';
import { elementShape, labelOf } from '@/kind/field/shape';

export interface Hole {
  text: string;
  label: string;
}

const plain = new Set(['object', 'set', 'id']);

/** What may stand between the braces, for a record of the kind: fields, and names of what it refers to. */
export function holesOf(book: KindBook, kind: string, labelText: (label: string) => string): Hole[] {
  const about = book.byName(kind);
  if (!about) return [];
  const own = about.fields
    .filter((field) => !field.repeated && !plain.has(elementShape(field)) && field.name !== 'archived')
    .flatMap((field): Hole[] => {
      const label = labelText(labelOf(field));
      const other = field.reference ? book.byPlural(field.reference) : undefined;
      const hole = { text: `{{${field.name}}}`, label };
      return other?.title
        ? [{ text: `{{${field.name}.${other.title}}}`, label: `${label}: ${labelText('Name')}` }, hole]
        : [hole];
    });
  return [
    ...own,
    { text: '{{id}}', label: 'Id' },
    { text: '{{now}}', label: labelText('Now') },
    { text: '{{today}}', label: labelText('Today') },
  ];
}

export const hasHole = (text: unknown) => typeof text === 'string' && text.includes('{{');
