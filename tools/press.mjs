// SPDX-License-Identifier: Apache-2.0
// Makes a built app ready to be sent: node tools/press.mjs DIST, in the app's folder.
// Writes DIST/licenses.txt, what the licences of the packages in it ask to be handed on, and beside every text
// that becomes smaller by it its smaller forms, .br and .gz. Slow and small: it is done once for many answers.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const dist = process.argv[2];
const texts = /\.(js|mjs|css|html|json|map|svg|txt|webmanifest|wasm)$/;
const least = 1000; // bytes; below this a packet is a packet

/** The packages that the lock file says are shipped, by folder. */
function shipped() {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  return Object.entries(lock.packages)
    .filter(([folder, about]) => folder && !about.dev && !about.devOptional && existsSync(folder))
    .map(([folder, about]) => ({ folder, name: folder.replace(/^.*node_modules\//, ''), ...about }));
}

function licenceText({ folder, name, version, license }) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|-|$)/i.test(name));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
}

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else yield path;
  }
}

async function press(path) {
  const plain = readFileSync(path);
  const forms = {
    '.br': await promisify(brotliCompress)(plain, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length },
    }),
    '.gz': await promisify(gzip)(plain, { level: 9 }),
  };
  for (const [ending, bytes] of Object.entries(forms))
    if (bytes.length < plain.length * 0.95) writeFileSync(path + ending, bytes);
}

writeFileSync(join(dist, 'licenses.txt'), shipped().map(licenceText).join(`\n${'-'.repeat(78)}\n\n`));
const wanted = [...filesOf(dist)].filter((path) => texts.test(path) && statSync(path).size >= least);
await Promise.all(wanted.filter((path) => path !== join(dist, 'index.html')).map(press));
