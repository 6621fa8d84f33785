// SPDX-License-Identifier: Apache-2.0
// What the drawing shows, worked out from what a node says of the others, and where it is drawn.
import type { Lane, Network } from '@/api/network';

export interface Summary {
  cut: number;
  behind: number;
}
export const summaryOf = (network: Network, lanes: Lane[]): Summary => ({
  cut: network.members.filter((member) => !member.connected).length,
  behind: lanes.filter((lane) => lane.state === 'behind').length,
});

// ---- where -------------------------------------------------------------------------------------

export interface Point {
  x: number;
  y: number;
}
/** A drawing's size, and that of a department in it. */
export interface Frame {
  width: number;
  height: number;
  box: { width: number; height: number };
}
export const wide: Frame = { width: 860, height: 440, box: { width: 196, height: 84 } };
/** For a phone held upright. */
export const tall: Frame = { width: 380, height: 480, box: { width: 166, height: 84 } };

/** On an ellipse, the first at the upper left; four stand in the corners. */
export function placeOf(index: number, count: number, { width, height, box }: Frame): Point {
  if (count === 1) return { x: width / 2, y: height / 2 };
  const angle = ((-135 + (index * 360) / count) * Math.PI) / 180;
  const reach = count === 4 ? Math.SQRT2 : 1;
  return {
    x: width / 2 + Math.cos(angle) * (width / 2 - box.width / 2 - 4) * reach,
    y: height / 2 + Math.sin(angle) * (height / 2 - box.height / 2 - 4) * reach,
  };
}

/** Where the line from the middle of a box towards `to` leaves it, and a little further. */
function leave(from: Point, to: Point, box: Frame['box'], gap: number): Point {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const scale = Math.min(
    (box.width / 2 + gap) / (Math.abs(dx) || 1e-9),
    (box.height / 2 + gap) / (Math.abs(dy) || 1e-9),
  );
  return { x: from.x + dx * scale, y: from.y + dy * scale };
}

export interface Curve {
  path: string;
  /** Of a label beside it. */
  middle: Point;
}

/** A line bent to its right, so that the two directions between a pair stand apart. */
export function curveOf(from: Point, to: Point, { box }: Frame): Curve {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const bend = 30;
  const turn = {
    x: (from.x + to.x) / 2 - ((to.y - from.y) / length) * bend,
    y: (from.y + to.y) / 2 + ((to.x - from.x) / length) * bend,
  };
  const start = leave(from, turn, box, 3);
  const end = leave(to, turn, box, 7);
  // The labels of the two diagonals would meet in the middle: each stands a third of its way.
  const at = (t: number): Point => ({
    x: (1 - t) ** 2 * start.x + 2 * t * (1 - t) * turn.x + t ** 2 * end.x,
    y: (1 - t) ** 2 * start.y + 2 * t * (1 - t) * turn.y + t ** 2 * end.y,
  });
  const r = (value: number) => value.toFixed(1);
  return {
    path: `M${r(start.x)} ${r(start.y)} Q${r(turn.x)} ${r(turn.y)} ${r(end.x)} ${r(end.y)}`,
    middle: at(0.36),
  };
}
