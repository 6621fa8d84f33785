// SPDX-License-Identifier: Apache-2.0
// The schema speaks English: labels of kinds, fields, facts, and names of enum values. German stands
// in a table that is loaded when somebody wants it. What an administrator named stays as it is.
import { useSyncExternalStore } from 'react';
import { type Language, language, useLanguage } from '.';

type Table = Record<string, string>;
const tables: Partial<Record<Language, Table>> = {};
const listeners = new Set<() => void>();
let version = 0;

async function load() {
  const { german } = await import('./schema.de');
  tables.de = german;
  version++;
  for (const tell of listeners) tell();
}

function table(): Table | undefined {
  const wanted = language();
  if (wanted === 'de' && !tables.de) void load();
  return tables[wanted];
}

/** "in_person" as "In person": names of enum values and of fields without a label. */
export const humane = (name: string) =>
  (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('_', ' ').replaceAll('.', ' ');

/** A label of the schema in the person's language. */
export const labelText = (label: string): string => table()?.[label] ?? label;
export const valueText = (name: string): string => {
  const text = humane(name);
  return table()?.[text] ?? text;
};

/** "match_models" as "Match models": what a list of a kind is called. */
export const pluralText = (plural: string): string => valueText(plural);

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => void listeners.delete(tell);
};
const getVersion = () => version;

/** For components that show labels: a new render when the table or the language is another. */
export function useSchemaTexts() {
  useLanguage();
  useSyncExternalStore(subscribe, getVersion);
  return { labelText, valueText, pluralText };
}
