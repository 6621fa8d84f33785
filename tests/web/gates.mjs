// SPDX-License-Identifier: Apache-2.0
// What must hold of the built app, looked at without a browser: node tests/web/gates.mjs, in services/web.
// Says every fault by name; exit 1 when there is one.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const read = (path) => readFileSync(path, 'utf8');
const faults = [];
const fault = (text) => faults.includes(text) || faults.push(text);

/* ---- licences: what ships goes together with Apache-2.0 ---------------------------------------- */

const compatible = new Set([
  'MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'CC0-1.0', 'Zlib',
  'OFL-1.1', // fonts
]);

/** An SPDX expression of names, AND, OR and brackets: whether one way to read it is allowed. */
export function allows(expression) {
  const words = (expression ?? '').match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const one = () => {
    if (words[at] !== '(') return compatible.has(words[at++]);
    at++;
    const inner = any();
    if (words[at++] !== ')') return false;
    return inner;
  };
  const all = () => {
    let good = one();
    while (words[at] === 'AND') {
      at++;
      good = one() && good;
    }
    return good;
  };
  const any = () => {
    let good = all();
    while (words[at] === 'OR') {
      at++;
      good = all() || good;
    }
    return good;
  };
  return words.length > 0 && any() && at === words.length;
}

function checkLicences(lock) {
  for (const [folder, about] of Object.entries(lock.packages))
    if (folder && !about.dev && !about.devOptional && !allows(about.license))
      fault(`licence: ${folder} ${about.version} has '${about.license}', which does not go with Apache-2.0`);
  for (const [folder, about] of Object.entries(lock.packages))
    if (about.resolved) fault(`lock file: ${folder} names a registry's address; see .npmrc`);
}

/* ---- files ------------------------------------------------------------------------------------- */

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else yield path;
  }
}

function checkFiles(dist) {
  for (const path of filesOf(dist)) {
    const name = relative(dist, path);
    if (name.endsWith('.map')) fault(`${name}: the source map is not to be shipped`);
    // The node tells browsers to keep these for ever.
    if (name.startsWith('assets/') && !/-[\w-]{8,}\.[\w.]+$/.test(name)) fault(`${name}: no hash in its name`);
  }
  const page = read(join(dist, 'index.html'));
  if (!page.includes('liaison-nonce')) fault('index.html: no place for the nonce of its answer (liaison-nonce)');
  for (const [tag] of page.matchAll(/<script\b[^>]*>(?!<\/script>)/g)) fault(`index.html: inline script: ${tag}`);
  if (/<style\b|\sstyle=|\son\w+=/.test(page)) fault('index.html: inline style or handler');
}

/** Addresses of anybody else. What only names something (a namespace, a page in an error's text) is listed. */
function checkAddresses(dist) {
  const known = read(join(here, 'addresses.txt')).split('\n').map((line) => line.replace(/(^|\s+)#.*/, '').trim()).filter(Boolean);
  const seen = new Set();
  for (const path of filesOf(dist)) {
    if (!/\.(js|css|html|json|svg|webmanifest)$/.test(path)) continue;
    for (const [address] of read(path).matchAll(/(?:https?:|wss?:)?\/\/(?:[a-z0-9-]+\.)+[a-z]{2,}[^\s"'`<>)\\]*/gi)) {
      const bare = address.replace(/^(https?:|wss?:)?\/\//i, '');
      if (!/^(https?|wss?):/i.test(address) && !/\.(html|css)$/.test(path)) continue; // a comment in a script
      const listed = known.find((prefix) => bare.startsWith(prefix));
      if (listed) seen.add(listed);
      else fault(`${relative(dist, path)}: names ${address}; the app speaks to its own address only`);
    }
  }
  for (const prefix of known) if (!seen.has(prefix)) fault(`tests/web/addresses.txt: '${prefix}' is in no file any more`);
}

/* ---- sizes ------------------------------------------------------------------------------------- */

/** All files that are loaded with an entry of the build's manifest, without what is asked for later. */
function closure(manifest, entries) {
  const files = new Set();
  const visit = (key) => {
    const chunk = manifest[key];
    if (!chunk) throw new Error(`budget: ${key} is not in the build's manifest`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const css of chunk.css ?? []) files.add(css);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  entries.forEach(visit);
  return files;
}

/** What travels: the smallest form. */
function compressed(dist, name) {
  const sizes = ['', '.br', '.gz'].map((form) => join(dist, name + form)).filter(existsSync).map((path) => statSync(path).size);
  return Math.min(...sizes);
}

function checkSizes(dist, budgets) {
  const manifest = JSON.parse(read(join(dist, '.vite/manifest.json')));
  for (const { name, entries, also = [], kilobytes } of budgets) {
    const files = [...closure(manifest, entries), ...also.flatMap((pattern) =>
      [...filesOf(dist)].map((path) => relative(dist, path)).filter((file) => new RegExp(pattern).test(file)))];
    const total = files.reduce((sum, file) => sum + compressed(dist, file), 0) / 1000;
    console.log(`${name}: ${total.toFixed(1)} kB of ${kilobytes} in ${files.length} files`);
    if (total > kilobytes)
      fault(`${name}: ${total.toFixed(1)} kB compressed, ${kilobytes} are allowed:\n` +
        files.map((file) => `    ${(compressed(dist, file) / 1000).toFixed(1).padStart(7)}  ${file}`).join('\n'));
  }
}

/* ---- all of them ------------------------------------------------------------------------------- */

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkLicences(JSON.parse(read('package-lock.json')));
  checkFiles('dist');
  checkAddresses('dist');
  checkSizes('dist', JSON.parse(read(join(here, 'budgets.json'))));
  for (const text of faults) console.error(text);
  process.exit(faults.length ? 1 : 0);
}
