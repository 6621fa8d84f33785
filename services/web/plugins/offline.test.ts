// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isKept, withFiles } from './offline';

const code = 'const files = LIAISON_FILES;';
const built = [
  { name: 'assets/a-11111111.js', content: 'a' },
  { name: 'assets/inter-greek-wght-normal-1.woff2', content: 'font' },
  { name: 'index.html', content: 'page' },
];
const read = (text: string) =>
  JSON.parse(text.slice('const files = '.length, -1)) as { version: string; paths: string[] };

test('the worker knows the app’s files, and no others', () => {
  const files = read(withFiles(code, built, [{ name: 'scheme.js', content: 'dark' }]));
  expect(files.paths).toEqual(['/assets/a-11111111.js', '/scheme.js']);
  expect(isKept('assets/inter-latin-wght-normal-2.woff2')).toBe(true);
});

test('another file, or another content of one without a hash in its name, is another version', () => {
  const version = (all: typeof built, scheme: string) =>
    read(withFiles(code, all, [{ name: 'scheme.js', content: scheme }])).version;
  const before = version(built, 'dark');
  expect(version(built, 'dark')).toBe(before);
  expect(version(built, 'light')).not.toBe(before);
  expect(version([{ name: 'assets/b-22222222.css', content: '' }, ...built], 'dark')).not.toBe(before);
});

test('a worker that has no place for them stops the build', () => {
  expect(() => withFiles('const files = [];', built, [])).toThrow('LIAISON_FILES');
});
