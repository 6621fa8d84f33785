// SPDX-License-Identifier: Apache-2.0
// What the drawing shows, worked out from what a node says of the others, and where it is drawn.
import type { components } from '@/api/schema';

export type Network = components['schemas']['Network'];
export type Member = Network['members'][number];

export type LaneState = 'equal' | 'behind' | 'cut';

/** What `to` has of what `from` wrote. */
export interface Lane {
  from: Member;
  to: Member;
  state: LaneState;
  /** Events that `to` has not, as far as it said. */
  missing: number;
  /** Of those that `to` has; it grows as they arrive. */
  held: number;
}

export const writtenBy = (network: Network, node: number): number =>
  network.lanes.filter((lane) => lane.node === node).reduce((sum, lane) => sum + lane.head, 0);

/** How much of one's lanes, one for each life of its store, another has. */
function heldBy(network: Network, writer: number, holder: number): number {
  return network.lanes
    .filter((lane) => lane.node === writer)
    .reduce((sum, lane) => sum + (lane.held.find((one) => one.node === holder)?.seq ?? 0), 0);
}

function stateOf(from: Member, to: Member, missing: number): LaneState {
  if (!from.connected || !to.connected) return 'cut';
  return missing > 0 ? 'behind' : 'equal';
}

/** Between all pairs, both ways. */
export function lanesOf(network: Network): Lane[] {
  const { members } = network;
  return members.flatMap((from) =>
    members
      .filter((to) => to.node !== from.node)
      .map((to) => {
        const held = heldBy(network, from.node, to.node);
        const missing = Math.max(0, writtenBy(network, from.node) - held);
        return { from, to, held, missing, state: stateOf(from, to, missing) };
      }),
  );
}

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
