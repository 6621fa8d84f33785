// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { linkIn } from './link';

test('links of nodes are read, and nothing else', () => {
  expect(linkIn('#link=lia_a-B_9')).toEqual({ purpose: 'link', secret: 'lia_a-B_9' });
  expect(linkIn('#setup=lia_x')).toEqual({ purpose: 'setup', secret: 'lia_x' });
  for (const other of ['', '#', '#content', '#link=', '#link=evil', '#link=lia_a b', 'link=lia_a'])
    expect(linkIn(other)).toBeUndefined();
});

test('the way back from a provider never leaves the app', () => {
  expect(linkIn('#second-factor=/deals?view=1')).toEqual({ purpose: 'second-factor', back: '/deals?view=1' });
  for (const out of ['//evil.example', 'https://evil.example', '/\\\\evil.example', ''])
    expect(linkIn(`#second-factor=${out}`)).toEqual({ purpose: 'second-factor', back: '/' });
});
