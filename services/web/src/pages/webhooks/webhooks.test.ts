// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { bodyOf, emptyDraft, stateOf, wantsOf } from './wants';

describe('webhooks', () => {
  it('sends only what was said', () => {
    expect(
      bodyOf({ ...emptyDraft, name: ' Hook ', url: 'https://a.example', kinds: ['deals', 'tickets'] }),
    ).toEqual({
      name: 'Hook',
      url: 'https://a.example',
      kind: 'deals,tickets',
      parallel: 1,
      enabled: true,
    });
  });
  it('says what is wanted', () => {
    expect(wantsOf({ id: '1', topic: 'sales., service.', kind: 'deals', filter: 'a > 1' })).toEqual([
      'sales.',
      'service.',
      'deals',
      'a > 1',
    ]);
    expect(wantsOf({ id: '1' })).toEqual([]);
  });
  it('is stopped before it is on', () => {
    expect(stateOf({ id: '1', enabled: true, stopped: 'answered 410' })).toBe('stopped');
    expect(stateOf({ id: '1', enabled: true })).toBe('on');
    expect(stateOf({ id: '1' })).toBe('off');
  });
});
