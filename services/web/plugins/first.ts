// SPDX-License-Identifier: Apache-2.0
// What the first screen is made of, in one file instead of forty: it compresses better and is asked for once.
import { readdirSync, readFileSync } from 'node:fs';

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

/** Signs that a file asks the kit for. */
export function signsOf(source: string): string[] {
  const imports = [...source.matchAll(/import \{([^}]*)\} from '@tabler\/icons-react'/g)];
  return imports.flatMap(([, names = '']) => names.split(',').map((name) => name.trim())).filter(Boolean);
}

/** Ours that the first screen and others use; each would be a file of its own. */
const shared = [
  'api/(act|client|id|kinds|queue/\\w+|reach|records|session|view)',
  'app/(actions|area|offline/patient|preferences|registry|texts|useActions)',
  'kind/(texts|field/(choice|shape))',
  'pages/[^/]+/(page|texts)',
  'texts/(index|schema)',
  'ui/(decimal|format|idle|toast)',
];

export function firstScreen() {
  const src = new URL('../src/', import.meta.url);
  const source = (path: string) => readFileSync(new URL(path, src), 'utf8');
  const kit = `@mantine/core/esm/(core|utils|components/(Transition|FocusTrap|Portal|${partsOf(source('app/styles/first.ts')).join('|')}))`;
  const areas = readdirSync(new URL('pages/', src), { recursive: true, encoding: 'utf8' })
    .filter((path) => /^[^/]+\/page\.tsx?$/.test(path))
    .map((path) => `pages/${path}`);
  const signs = [...areas, 'app/actions.ts'].flatMap((path) => signsOf(source(path)));
  return [
    { name: 'kit', test: new RegExp(`node_modules/(${[...packages, kit].join('|')})[/.]`) },
    {
      name: 'shared',
      test: new RegExp(`/src/(${shared.join('|')})\\.tsx?$|/icons/(${signs.join('|')})\\.`),
    },
  ];
}
