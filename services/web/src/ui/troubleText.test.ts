// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { causeText, troubleText } from './troubleText';

test('every cause that a node can give is said in the words of this page', () => {
  const source = readFileSync(new URL('../../../../common/sync/status.c', import.meta.url), 'utf8');
  const said = [...source.matchAll(/\[LIA_SYNC_(?!CURRENT)\w+\] = "([^"]+)"/g)].map(([, text = '']) => text);
  expect(said.length).toBeGreaterThan(5);
  for (const text of said) expect(causeText(text), text).not.toBe(text);
});

test('a trouble is one sentence with who, how much, since when and why', () => {
  expect(
    troubleText({
      type: 'lacks',
      name: 'sales',
      missing: 1200,
      ms: 4200,
      cause: 'nobody who is ahead can be reached',
    }),
  ).toBe('1,200 events of sales are missing here, for 4.2 s: nobody who has them can be reached.');
  expect(troubleText({ type: 'silent', name: 'service', ms: 800, missing: 1 })).toContain(
    '1 event waits for it',
  );
  expect(troubleText({ type: 'silent', name: 'service', ms: undefined, missing: 3 })).toContain(
    'not been reached yet',
  );
});
