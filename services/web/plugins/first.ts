// SPDX-License-Identifier: Apache-2.0
// What the first screen is made of, in one file instead of forty: it compresses better and is asked for once.
import { readFileSync } from 'node:fs';

const packages = [
  'react',
  'react-dom',
  'scheduler',
  'use-sync-external-store',
  '@floating-ui/[^/]+',
  '@mantine/hooks',
  '@tabler/icons-react/dist/esm/createReactComponent',
  '@tanstack/(?!react-virtual|virtual-core)[^/]+',
  'openapi-fetch',
  'openapi-react-query',
  'clsx',
];

/** Parts of the kit whose styles are among those of the first screen. */
export function partsOf(styles: string): string[] {
  return [...styles.matchAll(/@mantine\/core\/styles\/([A-Z]\w+)\.layer\.css/g)].map(([, name = '']) => name);
}

export function firstScreen() {
  const styles = readFileSync(new URL('../src/app/styles/first.ts', import.meta.url), 'utf8');
  const kit = `@mantine/core/esm/(core|utils|components/(Transition|FocusTrap|Portal|${partsOf(styles).join('|')}))`;
  return { name: 'kit', test: new RegExp(`node_modules/(${[...packages, kit].join('|')})[/.]`) };
}
