// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { lanesOf, type Network, writtenBy } from '@/api/network';
import { curveOf, placeOf, summaryOf, tall, wide } from './picture';
import { beginWay, followWay, isWhole, lastMs, parsePosition } from './way';

const member = (node: number, connected = true) => ({
  node,
  name: `n${node}`,
  department: 'sales' as const,
  connected,
});
const lane = (
  node: number,
  head: number,
  held: [number, number, number?][],
  incarnation = 'a'.repeat(16),
) => ({
  node,
  incarnation,
  head,
  behind: 0,
  behind_ms: 0,
  cause: '',
  held: held.map(([at, seq, ms_ago = 0]) => ({ node: at, seq, ms_ago })),
});
const network = (lanes: Network['lanes'], members = [member(1), member(2), member(3)]): Network => ({
  node: 1,
  ready: true,
  members,
  lanes,
});

describe('lanes between departments', () => {
  it('are equal, behind or cut, over all lives of a writer', () => {
    const seen = network(
      [
        lane(2, 10, [
          [1, 10],
          [2, 10],
          [3, 4],
        ]),
        lane(
          2,
          5,
          [
            [1, 5],
            [2, 5],
            [3, 5],
          ],
          'b'.repeat(16),
        ),
      ],
      [member(1), member(2), member(3)],
    );
    const of = (from: number, to: number) =>
      lanesOf(seen).find((one) => one.from.node === from && one.to.node === to);
    expect(writtenBy(seen, 2)).toBe(15);
    expect(of(2, 1)).toMatchObject({ state: 'equal', missing: 0 });
    expect(of(2, 3)).toMatchObject({ state: 'behind', missing: 6, held: 9 });
    expect(lanesOf(seen)).toHaveLength(6);
    expect(summaryOf(seen, lanesOf(seen))).toEqual({ cut: 0, behind: 1 });
  });

  it('of one who is not reached are cut, both ways', () => {
    const seen = network(
      [
        lane(1, 3, [
          [1, 3],
          [2, 1],
        ]),
      ],
      [member(1), member(2, false)],
    );
    expect(lanesOf(seen).map((one) => one.state)).toEqual(['cut', 'cut']);
    expect(summaryOf(seen, lanesOf(seen))).toEqual({ cut: 1, behind: 0 });
  });
});

describe('the drawing', () => {
  const cases = [wide, tall].flatMap((frame) => [2, 3, 4].map((count) => ({ count, frame })));
  it.each(cases)('keeps $count boxes within $frame.width, and apart', ({ count, frame }) => {
    const { box } = frame;
    const all = Array.from({ length: count }, (_, index) => placeOf(index, count, frame));
    for (const at of all) {
      expect(at.x - box.width / 2).toBeGreaterThanOrEqual(0);
      expect(at.x + box.width / 2).toBeLessThanOrEqual(frame.width);
      expect(at.y - box.height / 2).toBeGreaterThanOrEqual(0);
      expect(at.y + box.height / 2).toBeLessThanOrEqual(frame.height);
      for (const other of all)
        expect(
          other === at || Math.abs(other.x - at.x) > box.width || Math.abs(other.y - at.y) > box.height,
        ).toBe(true);
    }
  });
  it('bends both directions apart', () => {
    const [a, b] = [placeOf(0, 4, wide), placeOf(1, 4, wide)];
    expect(curveOf(a, b, wide).middle.y).not.toBeCloseTo(curveOf(b, a, wide).middle.y, 0);
  });
});

describe('the way of an event', () => {
  const position = { node: 1, incarnation: 'a'.repeat(16), seq: 8 };
  it('reads the position, or nothing', () => {
    expect(parsePosition(`1/${position.incarnation}/8`)).toEqual(position);
    for (const wrong of ['', '1/2/3', `1/${position.incarnation}/`, `x/${position.incarnation}/1`])
      expect(parsePosition(wrong)).toBeUndefined();
  });
  it('knows when each had it, by how long ago it was heard', () => {
    let way = beginWay(position, 1000, 1004);
    expect(way.answeredMs).toBe(4);
    way = followWay(
      way,
      network([
        lane(1, 8, [
          [1, 8],
          [2, 8, 30],
          [3, 7],
        ]),
      ]),
      1050,
    );
    expect(way.arrivedMs).toEqual({ 2: 20 });
    const seen = network([
      lane(1, 9, [
        [1, 9],
        [2, 9, 1],
        [3, 8, 5],
      ]),
    ]);
    expect(isWhole(way, seen)).toBe(false);
    way = followWay(way, seen, 1100);
    expect(way.arrivedMs).toEqual({ 2: 20, 3: 95 });
    expect(isWhole(way, seen)).toBe(true);
    expect(lastMs(way)).toBe(95);
    expect(followWay(way, seen, 1200)).toBe(way);
  });
  it('is not mixed up with the same number of another life', () => {
    const way = beginWay(position, 0, 1);
    expect(followWay(way, network([lane(1, 20, [[2, 20]], 'b'.repeat(16))]), 5)).toBe(way);
  });
});
