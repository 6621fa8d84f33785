// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { firstScreen, partsOf, signsOf } from './first';

test('what the first screen needs is read from the files that ask for it', () => {
  expect(partsOf("import '@mantine/core/styles/Badge.layer.css';\nimport './layers.css';")).toEqual([
    'Badge',
  ]);
  expect(
    signsOf("import { IconA, IconB } from '@tabler/icons-react';\nimport { Box } from '@mantine/core';"),
  ).toEqual(['IconA', 'IconB']);
  expect(signsOf("import {\n  IconA,\n  IconB,\n} from '@tabler/icons-react';")).toEqual(['IconA', 'IconB']);
});

test('a file of one group is in no other, and pages of their own are in none', () => {
  const groupOf = (path: string) =>
    firstScreen()
      .filter((group) => group.test.test(path))
      .map((group) => group.name);
  expect(groupOf('/x/node_modules/react-dom/index.js')).toEqual(['kit']);
  expect(groupOf('/x/node_modules/@tabler/icons-react/dist/esm/icons/IconRobot.mjs')).toEqual(['shared']);
  expect(groupOf('/x/src/pages/customer/page.ts')).toEqual(['shared']);
  expect(groupOf('/x/src/pages/customer/texts.ts')).toEqual(['shared']);
  expect(groupOf('/x/src/pages/customer/Timeline.tsx')).toEqual([]);
  expect(groupOf('/x/src/pages/customer/pageTexts.ts')).toEqual([]);
});
