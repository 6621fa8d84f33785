// SPDX-License-Identifier: Apache-2.0
// Values of a choice: names of the schema, or those of a field that an administrator added, which have
// labels of their own.
import type { Field } from '@/api/kinds';
import { labelText, valueText } from '@/texts/schema';

export interface Option {
  name: string;
  label?: string;
  /** Not offered any more; records may still have it. */
  retired?: boolean;
}

export function optionsOf(field: Field): Option[] {
  const { options } = field as { options?: Option[] };
  return options ?? (field.values ?? []).map((name) => ({ name }));
}

export function choiceText(field: Field, name: string): string {
  const label = optionsOf(field).find((option) => option.name === name)?.label;
  return label ? labelText(label) : valueText(name);
}

/** What can be chosen; a retired value stays while it is the one that is there. */
export const choicesOf = (field: Field, now?: string) =>
  optionsOf(field)
    .filter((option) => !option.retired || option.name === now)
    .map((option) => ({ value: option.name, label: choiceText(field, option.name) }));
