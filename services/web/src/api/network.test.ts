// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { isLasting, type Member, type Network, troublesOf } from './network';

const member = (node: number, more: Partial<Member> = {}): Member => ({
  node,
  name: `n${node}`,
  department: 'any',
  connected: true,
  ...more,
});
const lane = (
  node: number,
  head: number,
  held: [number, number][],
  more: Partial<Network['lanes'][number]> = {},
) => ({
  node,
  incarnation: 'a'.repeat(16),
  head,
  behind: 0,
  behind_ms: 0,
  cause: 'nothing is missing',
  held: held.map(([at, seq]) => ({ node: at, seq })),
  ...more,
});
const network = (lanes: Network['lanes'], members = [member(1), member(2), member(3)]): Network => ({
  node: 1,
  ready: true,
  members,
  lanes,
});

test('where all have everything there is no trouble', () => {
  expect(
    troublesOf(
      network([
        lane(1, 4, [
          [1, 4],
          [2, 4],
          [3, 4],
        ]),
      ]),
    ),
  ).toEqual([]);
});

test('one who is not reached is told with all that it has not, and when it lasts', () => {
  const seen = (heard_ms_ago?: number) =>
    troublesOf(
      network(
        [
          lane(1, 9, [
            [1, 9],
            [2, 9],
            [3, 4],
          ]),
          lane(2, 3, [
            [1, 3],
            [2, 3],
            [3, 1],
          ]),
        ],
        [
          member(1),
          member(2),
          member(3, { connected: false, ...(heard_ms_ago === undefined ? {} : { heard_ms_ago }) }),
        ],
      ),
    );
  expect(seen(400)).toEqual([{ type: 'silent', name: 'n3', ms: 400, missing: 7 }]);
  expect(seen(400).some(isLasting)).toBe(false);
  expect(seen(60_000).every(isLasting)).toBe(true);
  expect(seen().every(isLasting), 'one that was never heard').toBe(true);
});

test('what this node has not is told with its cause; what another has not is on its way', () => {
  const [lacks, behind, ...more] = troublesOf(
    network([
      lane(
        2,
        9,
        [
          [1, 4],
          [2, 9],
          [3, 8],
        ],
        {
          behind: 5,
          behind_ms: 31_000,
          cause: 'two histories exist: an operator must choose',
        },
      ),
    ]),
  );
  expect(lacks).toEqual({
    type: 'lacks',
    name: 'n2',
    missing: 5,
    ms: 31_000,
    cause: 'two histories exist: an operator must choose',
  });
  expect(behind).toEqual({ type: 'behind', name: 'n3', from: 'n2', missing: 1 });
  expect(more).toEqual([]);
  expect([lacks, behind].map((one) => one && isLasting(one))).toEqual([true, false]);
});

test('a node that takes no commands and one that shows something else come first', () => {
  const seen = {
    ...network([], [member(1), member(2, { differs: true })]),
    ready: false,
    reason: 'the disk is full',
  };
  expect(troublesOf(seen)).toEqual([
    { type: 'closed', why: 'the disk is full' },
    { type: 'differs', name: 'n2' },
  ]);
});
