// SPDX-License-Identifier: Apache-2.0
// Writes into the service worker which files the app is made of, so that a new version of any of them is a new
// version of the worker.
import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

const mark = 'LIAISON_FILES';

/** What is worth keeping: fonts only for the letters of most of Europe; others come when a name has them. */
export const isKept = (name: string): boolean =>
  /^assets\/.*\.(js|css|svg)$/.test(name) || /^assets\/inter-latin-wght-.*\.woff2$/.test(name);

/** The worker with its files. Those of `others` stand beside the assets and may change under the same name. */
export function withFiles(
  code: string,
  built: readonly { name: string; content: string | Uint8Array }[],
  others: readonly { name: string; content: string | Uint8Array }[],
): string {
  if (!code.includes(mark)) throw new Error(`sw.js: there is no place for the files (${mark})`);
  const kept = [...built.filter(({ name }) => isKept(name)), ...others].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const hash = createHash('sha256');
  for (const { name, content } of kept) hash.update(`${name}\0`).update(content).update('\0');
  // index.html is no file of its own there, but names some that are: their names are in the hash.
  const files = { version: hash.digest('hex').slice(0, 16), paths: kept.map(({ name }) => `/${name}`) };
  return code.replaceAll(mark, JSON.stringify(files));
}

export function offline(others: () => { name: string; content: Uint8Array }[]): Plugin {
  return {
    name: 'liaison-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle['sw.js'];
      if (worker?.type !== 'chunk') throw new Error('sw.js is not built');
      if (worker.imports.length)
        throw new Error(`sw.js must stand alone; it imports ${worker.imports.join(', ')}`);
      const built = Object.values(bundle)
        .filter((one) => one !== worker)
        .map((one) => ({ name: one.fileName, content: one.type === 'chunk' ? one.code : one.source }));
      worker.code = withFiles(worker.code, built, others());
    },
  };
}
