// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { heights, isOver, occasionOf, planOf, saidOf } from './said';

describe('automation', () => {
  it('says what sets a rule off', () => {
    expect(occasionOf({ id: '1', trigger: 'change', kind: 'deal', change: 'created' })).toEqual({
      key: 'change',
      values: { kind: 'deal', change: 'created' },
    });
    expect(occasionOf({ id: '1', trigger: 'schedule', every: '1d' }).values).toEqual({ every: '1d' });
  });
  it('names the steps of a plan', () => {
    expect(planOf({ id: '1', plan: { steps: [{ name: 'assign' }, { name: 'mail' }] } })).toEqual([
      'assign',
      'mail',
    ]);
    expect(planOf({ id: '1' })).toEqual([]);
  });
  it('draws days by the highest', () => {
    expect(heights([0, 2, 4])).toEqual([0, 50, 100]);
    expect(heights([0, 0])).toEqual([0, 0]);
  });
  it('knows which runs can still be cancelled', () => {
    expect([isOver('running'), isOver('waiting'), isOver('failed')]).toEqual([false, false, true]);
  });
  it('tells what a dry run says of a step as what it is', () => {
    expect(saidOf({ action: 'wait', outcome: 'holds' })).toBe('way_holds_at');
    expect(saidOf({ action: 'wait', outcome: 'holds_not' })).toBe('way_late');
    expect(saidOf({ action: 'wait', outcome: 'waits' })).toBe('way_waits');
    expect(saidOf({ action: 'branch', outcome: 'holds' })).toBe('way_holds');
  });
});
