// SPDX-License-Identifier: Apache-2.0
// German for those who read German: takes the `de` part out of each defineTexts(...) of the built app and
// puts all of them into one module, 'virtual:german', which src/texts loads when somebody wants it. While
// developing and in tests the texts stay where they are written.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Plugin } from 'vite';

const wanted = 'virtual:german';

interface Found {
  area: string;
  /** The object of German texts as it is written, and where. */
  text: string;
  from: number;
  to: number;
}

const nameOf = (property: ts.ObjectLiteralElementLike) =>
  property.name?.getText().replace(/^['"]|['"]$/g, '');

function partOf(call: ts.CallExpression, name: string): Found {
  const [area, byLanguage] = call.arguments;
  const wrong = (why: string) =>
    new Error(`${name}: defineTexts wants ${why}, so that German can be split off`);
  if (!area || !ts.isStringLiteral(area)) throw wrong('the name of its area as a plain text');
  if (!byLanguage || !ts.isObjectLiteralExpression(byLanguage)) throw wrong('{ en, de } in place');
  const german = byLanguage.properties.find((one) => nameOf(one) === 'de');
  if (!german || !ts.isPropertyAssignment(german) || !ts.isObjectLiteralExpression(german.initializer))
    throw wrong('`de` as an object in place');
  for (const one of german.initializer.properties)
    if (!ts.isPropertyAssignment(one) || !ts.isStringLiteralLike(one.initializer))
      throw wrong(`plain texts in \`de\` (${one.getText()})`);
  return {
    area: area.text,
    text: german.initializer.getText(),
    from: german.initializer.getStart(),
    to: german.initializer.getEnd(),
  };
}

/** The German parts of a file's defineTexts, in their order. */
export function germanIn(code: string, name: string): Found[] {
  if (!code.includes('defineTexts(')) return [];
  const file = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: Found[] = [];
  const visit = (node: ts.Node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'defineTexts')
      found.push(partOf(node, name));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The same code with 0 in their place; as long as before, so that maps stay right. */
export function withoutGerman(code: string, name: string): string {
  let left = code;
  for (const { from, to } of germanIn(code, name))
    left = `${left.slice(0, from)}0${left.slice(from + 1, to).replace(/[^\n]/g, ' ')}${left.slice(to)}`;
  return left;
}

/** All of a folder's as one module: { area: { key: text } }. */
export function germanModule(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
    .sort();
  const areas = files.flatMap((name) => germanIn(readFileSync(join(folder, name), 'utf8'), name));
  const names = areas.map(({ area }) => area);
  const twice = names.find((area, index) => names.indexOf(area) !== index);
  if (twice) throw new Error(`texts of '${twice}' are defined twice`);
  return `export default {${areas.map(({ area, text }) => `${JSON.stringify(area)}: ${text}`).join(',\n')}};`;
}

export function german(): Plugin {
  const folder = new URL('../src', import.meta.url).pathname;
  let isBuild = false;
  return {
    name: 'german',
    enforce: 'pre',
    configResolved(config) {
      isBuild = config.command === 'build';
    },
    resolveId: (id) => (id === wanted ? `\0${wanted}` : undefined),
    load: (id) =>
      id === `\0${wanted}` ? (isBuild ? germanModule(folder) : 'export default {};') : undefined,
    transform(code, id) {
      const [path = ''] = id.split('?');
      if (!isBuild || !path.startsWith(folder) || !code.includes('defineTexts(')) return undefined;
      return { code: withoutGerman(code, path), map: null };
    },
  };
}
