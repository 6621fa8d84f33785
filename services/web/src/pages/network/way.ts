// SPDX-License-Identifier: Apache-2.0
// The way of one event, from when it was sent until all have it on disk. Times are milliseconds since
// it was sent, by this browser's clock; a node says how long ago it heard, so clocks are not compared.
import type { Network } from '@/api/network';

/** What the header Liaison-Position says: "node/incarnation/number". */
export interface Position {
  node: number;
  incarnation: string;
  seq: number;
}

export function parsePosition(text: string): Position | undefined {
  const [, node, incarnation, seq] = /^(\d+)\/([0-9a-f]{16})\/(\d+)$/.exec(text) ?? [];
  return node && incarnation && seq ? { node: Number(node), incarnation, seq: Number(seq) } : undefined;
}

export interface Way {
  position: Position;
  /** performance.now() when it was sent. */
  sentAt: number;
  answeredMs: number;
  /** By node number. */
  arrivedMs: Record<number, number>;
}

export const beginWay = (position: Position, sentAt: number, now: number): Way => ({
  position,
  sentAt,
  answeredMs: now - sentAt,
  arrivedMs: {},
});

/** Takes in what the node knows now. The same object when it is nothing new. */
export function followWay(way: Way, network: Network, now: number): Way {
  const lane = network.lanes.find(
    (one) => one.node === way.position.node && one.incarnation === way.position.incarnation,
  );
  const news = (lane?.held ?? []).filter(
    (one) =>
      one.node !== way.position.node && one.seq >= way.position.seq && way.arrivedMs[one.node] === undefined,
  );
  if (!news.length) return way;
  const arrivedMs = { ...way.arrivedMs };
  // Later events may have been heard of since: what is known for sure is that it was no later than now.
  for (const one of news) arrivedMs[one.node] = Math.max(0, now - way.sentAt - (one.ms_ago ?? 0));
  return { ...way, arrivedMs };
}

export const isWhole = (way: Way, network: Network): boolean =>
  network.members.every((one) => one.node === way.position.node || way.arrivedMs[one.node] !== undefined);

export const lastMs = (way: Way): number => Math.max(way.answeredMs, ...Object.values(way.arrivedMs));
