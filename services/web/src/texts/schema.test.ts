// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { humane } from './schema';
import { german } from './schema.de';

const folder = new URL('../../../../proto/', import.meta.url);
const files = readdirSync(folder)
  // Frames between nodes are on no screen.
  .filter(
    (name) =>
      name.endsWith('.proto') && name !== 'bus.proto' && name !== 'options.proto' && name !== 'event.proto',
  )
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1] ?? '');

/** MEETING_STATE_PLANNED of MeetingState as "planned", as the API names it. */
function valuesOf(text: string): string[] {
  return [...text.matchAll(/enum (\w+) \{([\s\S]*?)\n\}/g)].flatMap(([, name = '', body = '']) => {
    const prefix = `${name.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase()}_`;
    return all(body, /^\s*([A-Z0-9_]+) = /gm).map((value) => humane(value.replace(prefix, '').toLowerCase()));
  });
}

test('every label of the schema is there in German', () => {
  const labels = files.flatMap((text) => all(text, /label: "([^"]+)"/g));
  expect(labels.length).toBeGreaterThan(200);
  expect([...new Set(labels)].filter((label) => !(label in german))).toEqual([]);
});

test('every value of an enum and every plural is there in German', () => {
  const values = files.flatMap(valuesOf);
  const plurals = files.flatMap((text) => all(text, /plural: "([^"]+)"/g)).map(humane);
  expect(values.length).toBeGreaterThan(90);
  expect([...new Set([...values, ...plurals])].filter((name) => !(name in german))).toEqual([]);
});
