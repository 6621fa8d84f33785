// SPDX-License-Identifier: Apache-2.0
// Definitions of fields and kinds while they are edited. Pure.
import type { Field, Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import type { components } from '@/api/schema';

export type FieldDefinition = components['schemas']['CustomField'];
export type KindDefinition = components['schemas']['CustomKind'];
export type FieldType = Exclude<components['schemas']['FieldType'], 'unset'>;
export type Option = components['schemas']['FieldOption'];

export const fieldTypes = [
  'text',
  'long_text',
  'number',
  'decimal',
  'percent',
  'money',
  'date',
  'date_time',
  'yes_no',
  'choice',
  'multi_choice',
  'reference',
  'email',
  'phone',
  'url',
  'language',
] as const satisfies readonly FieldType[];

/** What an index can be kept of, and so what can be unique; a list has no one value. */
export const canIndex = (type: string | undefined) =>
  !['long_text', 'money', 'yes_no'].includes(type ?? 'text');
export const canBeUnique = (type: string | undefined) => canIndex(type) && type !== 'multi_choice';

/** How a default is typed: as a value of the field would be. Undefined: fields of that type have none. */
export function presetField(draft: Partial<FieldDefinition>): Field | undefined {
  const shapes: Record<string, Partial<Field>> = {
    text: {},
    long_text: { meaning: 'paragraphs' },
    number: { type: 'int' },
    decimal: { type: 'int', meaning: 'decimal', scale: draft.scale ?? 0 },
    percent: { type: 'int', meaning: 'percent' },
    language: { meaning: 'language' },
    date: { type: 'int', meaning: 'date' },
    date_time: { type: 'int', meaning: 'instant' },
    yes_no: { type: 'enum', values: ['true', 'false'] },
    choice: {
      type: 'enum',
      options: optionsToSend(draft.options ?? []).map((one) => ({ ...one, name: one.name ?? '' })),
    } as Partial<Field>,
    email: { meaning: 'email' },
    phone: { meaning: 'phone' },
    url: { meaning: 'url' },
  };
  const shape = shapes[draft.type ?? 'text'];
  return shape && ({ name: 'preset', type: 'string', ...shape } as Field);
}

export const isChoice = (type: string | undefined) => type === 'choice' || type === 'multi_choice';

export const mostName = 40;

/** "Größe des Huts" as "groesse_des_huts": what a name may be made of. */
export function nameFor(label: string): string {
  const plain = label
    .toLowerCase()
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/[̀-ͯ]/g, '');
  return plain
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
    .slice(0, mostName)
    .replace(/_+$/, '');
}

/** A first guess of an English plural, to be corrected. */
export const pluralFor = (name: string) =>
  !name
    ? ''
    : /[^aeiou]y$/.test(name)
      ? `${name.slice(0, -1)}ies`
      : /(s|x|ch|sh)$/.test(name)
        ? `${name}es`
        : `${name}s`;

const byPosition = (a: { position?: number; name?: string }, b: { position?: number; name?: string }) =>
  (a.position ?? 0) - (b.position ?? 0) || (a.name ?? '').localeCompare(b.name ?? '');

export const asField = (row: Row) => row as unknown as FieldDefinition;
export const inOrder = <T extends { position?: number; name?: string }>(all: readonly T[]): T[] =>
  [...all].sort(byPosition);

/** Options as they stand in the form, numbered as they lie; a new one is named by its label. */
export function optionsToSend(options: readonly Option[]): Option[] {
  const taken = new Set(options.map((option) => option.name).filter(Boolean));
  return options
    .filter((option) => option.name || option.label?.trim())
    .map((option, at) => {
      const label = option.label?.trim();
      return {
        ...option,
        ...(label ? { label } : {}),
        name: option.name || free(taken, nameFor(label ?? '')),
        position: at + 1,
      };
    });
}

function free(taken: Set<string>, wanted: string): string {
  const stem = wanted || 'option';
  let name = stem;
  for (let count = 2; taken.has(name); count++) name = `${stem}_${count}`;
  taken.add(name);
  return name;
}

export function swapped<T>(all: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...all];
  const [one, other] = [next[at], next[at + by]];
  if (one === undefined || other === undefined) return next;
  next[at] = other;
  next[at + by] = one;
  return next;
}

/** Which fields get another position when one moves; they are numbered from 1. */
export function positionsAfter(
  all: readonly FieldDefinition[],
  at: number,
  by: -1 | 1,
): { id: string; position: number }[] {
  return swapped(all, at, by)
    .map((field, index) => ({ id: field.id, position: index + 1, before: field.position }))
    .filter((one) => one.position !== one.before)
    .map(({ id, position }) => ({ id, position }));
}

/** Whether its records have the page that is drawn from the schema, and so by a layout; others have one of their own. */
export const hasDrawnPage = (kind: Kind, paths: readonly string[]) => !paths.includes(`/${kind.plural}/$id`);

/** Kinds as they are chosen from: those that were added, those that take fields, those that are only laid out. */
export function groupsOf(kinds: readonly Kind[], own: ReadonlyMap<string, unknown>) {
  const isOwn = (kind: Kind) => own.has(kind.name);
  return [
    { text: 'ownKinds' as const, kinds: kinds.filter(isOwn) },
    { text: 'givenKinds' as const, kinds: kinds.filter((kind) => kind.extensible && !isOwn(kind)) },
    { text: 'fixedKinds' as const, kinds: kinds.filter((kind) => !kind.extensible && !isOwn(kind)) },
  ].filter((group) => group.kinds.length > 0);
}
