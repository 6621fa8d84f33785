// SPDX-License-Identifier: Apache-2.0
// From what the schema says of a field to how it is shown, typed in and compared. Everything drawn
// from the schema asks here; no kind or field is known by name.
import type { Field, Kind } from '@/api/kinds';
import { isViewing } from '@/api/view';
import { humane } from '@/texts/schema';

export type Shape =
  | 'text'
  | 'paragraphs'
  | 'email'
  | 'phone'
  | 'url'
  | 'bool'
  | 'number'
  | 'decimal'
  | 'percent'
  /** So many days, hours, seconds or thousandths: the field's meaning says which. */
  | 'measure'
  | 'enum'
  | 'instant'
  | 'date'
  | 'duration'
  | 'money'
  | 'reference'
  | 'country'
  | 'currency'
  | 'language'
  /** The name of a kind of record, or its plural: the field's meaning says which. */
  | 'kind'
  | 'id'
  | 'object'
  /** Several values: texts, references, or objects with a key. */
  | 'set';

const byMeaning: Record<string, Shape> = {
  instant: 'instant',
  date: 'date',
  duration: 'duration',
  email: 'email',
  phone: 'phone',
  url: 'url',
  paragraphs: 'paragraphs',
  currency: 'currency',
  country: 'country',
  decimal: 'decimal',
  percent: 'percent',
  days: 'measure',
  hours: 'measure',
  seconds: 'measure',
  thousandths: 'measure',
  language: 'language',
  kind: 'kind',
  kinds: 'kind',
};

const isMoney = (field: Field) =>
  field.type === 'object' &&
  field.fields?.length === 2 &&
  field.fields.some((part) => part.name === 'amount_minor') &&
  field.fields.some((part) => part.name === 'currency');

/** Of one value; `shapeOf` is of the field, which may have several. */
export function elementShape(field: Field): Shape {
  if (field.reference) return 'reference';
  const meant = field.meaning && byMeaning[field.meaning];
  if (meant) return meant;
  if (isMoney(field)) return 'money';
  switch (field.type) {
    case 'bool':
      return 'bool';
    case 'int':
    case 'uint':
      return 'number';
    case 'enum':
      return 'enum';
    case 'object':
      return 'object';
    case 'bytes':
      return 'id';
    default:
      return 'text';
  }
}

export const shapeOf = (field: Field): Shape => (field.repeated ? 'set' : elementShape(field));

export const labelOf = (field: Field) => field.label ?? humane(field.name);

/** Sums of them say something. */
export const isSummed = (shape: Shape) => ['number', 'decimal', 'money', 'duration'].includes(shape);

/** Figures stand at the right of their column. */
export const isFigure = (shape: Shape) => isSummed(shape) || shape === 'percent' || shape === 'measure';

/** What an inline editor exists for. Sets of objects and objects are edited in the form. */
export const isEditable = (field: Field) =>
  !isViewing() && !field.read_only && shapeOf(field) !== 'object' && shapeOf(field) !== 'id';

const created: Field = {
  name: 'created_at',
  type: 'int',
  meaning: 'instant',
  label: 'Created',
  indexed: true,
  read_only: true,
};
const updated: Field = {
  name: 'updated_at',
  type: 'int',
  meaning: 'instant',
  label: 'Changed',
  read_only: true,
};

/** Fields of a kind with those that every record has. */
export const allFields = (kind: Kind): Field[] => [...kind.fields, created, updated];

/** Those that a list can show: each value in one line. */
export const listFields = (kind: Kind): Field[] =>
  allFields(kind).filter((field) => field.name !== 'archived' && shapeOf(field) !== 'id');

/** What a list shows before anybody chose: the name, then what is told apart by most. */
export function defaultColumns(kind: Kind, most = 7): string[] {
  const rank = (field: Field) => {
    const shape = shapeOf(field);
    if (field.name === kind.title) return 0;
    if (
      shape === 'paragraphs' ||
      shape === 'object' ||
      (shape === 'set' && field.type === 'object' && !field.key)
    )
      return 9;
    if (field.name === kind.customer) return 1;
    if (shape === 'enum') return field.indexed ? 2 : 5;
    if (shape === 'money') return 3;
    if (field.reference === 'users') return 3;
    // Numbers of other systems and the like: one part, and nothing that somebody acts on.
    if (shape === 'set' && field.fields?.length === 1) return 8;
    if (field.indexed) return 4;
    if (field.reference) return 5;
    return field.read_only ? 7 : 6;
  };
  const ranked = listFields(kind)
    .map((field, index) => ({ field, index, rank: rank(field) }))
    .filter(({ rank }) => rank < 9)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, most);
  // In the order of the schema again, but the name first.
  return ranked
    .sort((a, b) => Number(b.rank === 0) - Number(a.rank === 0) || a.index - b.index)
    .map(({ field }) => field.name);
}

export const defaultWidth = (field: Field, isTitle: boolean): number => {
  if (isTitle) return 250;
  switch (shapeOf(field)) {
    case 'bool':
      return 90;
    case 'number':
    case 'decimal':
    case 'duration':
    case 'percent':
    case 'measure':
      return 110;
    case 'enum':
    case 'money':
    case 'date':
    case 'country':
    case 'language':
    case 'kind':
      return 120;
    case 'set':
      return elementShape({ ...field, repeated: false }) === 'object' ? 170 : 150;
    default:
      return 160;
  }
};
