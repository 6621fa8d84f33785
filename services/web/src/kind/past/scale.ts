// SPDX-License-Identifier: Apache-2.0
// Where moments stand on the slider. Changes come in bursts with months between them, so a straight axis
// would lay most of them on one another: each stretch between two changes is as wide as the logarithm of
// its time. Pure.

export interface Scale {
  /** Milliseconds, ascending: the moments of changes, then now. */
  moments: number[];
  /** 0 to 1, of each moment. */
  places: number[];
}

const widthOf = (ms: number) => 1 + Math.log2(1 + Math.max(0, ms) / 1000);

/** `changes` in any order, also with some at the same time. */
export function scaleOf(changes: number[], now: number): Scale {
  const moments = [...new Set([...changes.filter((at) => at < now), now])].sort((a, b) => a - b);
  const ends = [0];
  for (let at = 1; at < moments.length; at++)
    ends.push((ends[at - 1] ?? 0) + widthOf((moments[at] ?? 0) - (moments[at - 1] ?? 0)));
  const whole = ends.at(-1) || 1;
  return { moments, places: moments.length > 1 ? ends.map((end) => end / whole) : [1] };
}

/** Where a moment stands; before the first one at the left end, after now at the right. */
export function placeOf({ moments, places }: Scale, at: number): number {
  const next = moments.findIndex((one) => one >= at);
  if (next < 0) return 1;
  if (next === 0) return places[0] ?? 1;
  const [from, to] = [moments[next - 1] ?? 0, moments[next] ?? 0];
  const [left, right] = [places[next - 1] ?? 0, places[next] ?? 1];
  return left + ((right - left) * (at - from)) / (to - from);
}

/** The moment that stands at a place; close to a change, the change itself. */
export function momentAt({ moments, places }: Scale, place: number, snap = 0): number {
  const near = places.reduce(
    (best, one, at) => (Math.abs(one - place) < Math.abs((places[best] ?? 9) - place) ? at : best),
    0,
  );
  if (Math.abs((places[near] ?? 9) - place) <= snap) return moments[near] ?? 0;
  const next = places.findIndex((one) => one >= place);
  if (next < 0) return moments.at(-1) ?? 0;
  if (next === 0) return moments[0] ?? 0;
  const [left, right] = [places[next - 1] ?? 0, places[next] ?? 1];
  const [from, to] = [moments[next - 1] ?? 0, moments[next] ?? 0];
  return Math.round(from + ((to - from) * (place - left)) / (right - left));
}

/** The change before or after a moment; undefined: there is none. */
export function stepFrom({ moments }: Scale, at: number, by: 1 | -1): number | undefined {
  return by > 0 ? moments.find((one) => one > at) : moments.findLast((one) => one < at);
}
