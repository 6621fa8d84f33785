// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { inOrder, withKind, without, withScope } from './grants';

const grants = [
  { kind: '*', read: 'all' as const },
  { kind: 'deal', read: 'own' as const },
];

describe('grants', () => {
  it('has what is for all others at the end', () => {
    expect(inOrder(grants).map((one) => one.kind)).toEqual(['deal', '*']);
  });
  it('writes one cell', () => {
    expect(withScope(grants, 'deal', 'change', 'team')[1]).toEqual({
      kind: 'deal',
      read: 'own',
      change: 'team',
    });
  });
  it('begins a kind with what the others have, once', () => {
    expect(withKind(grants, 'task')[2]).toEqual({ kind: 'task', read: 'all' });
    expect(withKind(grants, 'deal')).toHaveLength(2);
    expect(without(grants, 'deal')).toEqual([grants[0]]);
  });
});
