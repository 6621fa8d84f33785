// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { momentAt, placeOf, scaleOf, stepFrom } from './scale';

const day = 86_400_000;
const now = 100 * day;

describe('the scale of the past', () => {
  const burst = [day, day + 1000, day + 2000, 60 * day];
  const scale = scaleOf([...burst].reverse(), now);

  it('keeps changes of a burst apart, in their order, between its ends', () => {
    expect(scale.moments).toEqual([...burst, now]);
    expect(scale.places[0]).toBe(0);
    expect(scale.places.at(-1)).toBe(1);
    for (let at = 1; at < scale.places.length; at++)
      expect((scale.places[at] ?? 0) - (scale.places[at - 1] ?? 0)).toBeGreaterThan(0.02);
  });

  it('leads from a moment to its place and back', () => {
    for (const at of [day, day + 500, 2 * day, 59 * day, 99 * day, now])
      expect(Math.abs(momentAt(scale, placeOf(scale, at)) - at)).toBeLessThanOrEqual(1);
    expect(placeOf(scale, 0)).toBe(0);
    expect(placeOf(scale, now + day)).toBe(1);
    expect(momentAt(scale, -1)).toBe(day);
    expect(momentAt(scale, 2)).toBe(now);
  });

  it('catches a change that is close', () => {
    const place = scale.places[3] ?? 0;
    expect(momentAt(scale, place + 0.004, 0.01)).toBe(60 * day);
    expect(momentAt(scale, place + 0.004)).not.toBe(60 * day);
  });

  it('steps from change to change, also from between them', () => {
    expect(stepFrom(scale, now, -1)).toBe(60 * day);
    expect(stepFrom(scale, 60 * day, -1)).toBe(day + 2000);
    expect(stepFrom(scale, 30 * day, 1)).toBe(60 * day);
    expect(stepFrom(scale, day, -1)).toBeUndefined();
    expect(stepFrom(scale, now, 1)).toBeUndefined();
  });

  it('is one place where nothing has changed, and counts moments at once as one', () => {
    expect(scaleOf([], now)).toEqual({ moments: [now], places: [1] });
    expect(placeOf(scaleOf([], now), day)).toBe(1);
    expect(scaleOf([day, day], now).moments).toEqual([day, now]);
  });
});
