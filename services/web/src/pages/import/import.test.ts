// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ApiError } from '@/api/problem';
import { formatOf, isOther, pieceAt, pieceBytes, pieceBytesMax, wholeLines } from './file';
import type { Import } from './query';
import { feed } from './runner';
import { readTable, samplesOf } from './table';
import { doubled, keysOf, targets } from './target';

describe('file', () => {
  it('knows its format by the end of its name', () => {
    expect(['a.CSV', 'b.jsonl', 'c.VCF', 'd'].map(formatOf)).toEqual(['csv', 'jsonl', 'vcard', 'csv']);
  });
  it('cuts a beginning behind its last whole line, also in wide signs', () => {
    expect(wholeLines(new Uint8Array([65, 10, 66]))).toBe(2);
    expect(wholeLines(new Uint8Array([65, 66]))).toBe(2);
    expect(wholeLines(new Uint8Array([0xff, 0xfe, 65, 0, 10, 0, 66, 0]))).toBe(6);
  });
  it('says of the last piece that it is the last', () => {
    expect(pieceAt(0, 10, 6)).toEqual({ from: 0, to: 6, last: false });
    expect(pieceAt(6, 10, 6)).toEqual({ from: 6, to: 10, last: true });
  });
  it('tells another file from the one that was begun with', () => {
    expect(isOther({ name: 'a', size: 1 }, { name: 'a', size: 2 })).toBe(true);
    expect(isOther(undefined, { name: 'a', size: 2 })).toBe(false);
  });
});

describe('table', () => {
  it('reads cells in quotes with everything in them', () => {
    expect(readTable('a;b\r\n"x;""y""\n";z\n\nlast', ';', 9)).toEqual([
      ['a', 'b'],
      ['x;"y"\n', 'z'],
      ['last'],
    ]);
  });
  it('shows different values that are not empty', () => {
    const rows = [
      ['n', 'm'],
      ['1', ''],
      ['1', ' x '],
      ['2', ''],
    ];
    expect(samplesOf(rows, ['n', 'm'])).toEqual({ n: ['1', '2'], m: ['x'] });
  });
});

describe('target', () => {
  it('names parts of lists by their element', () => {
    const emails = { name: 'emails', type: 'object', repeated: true, key: 'value' } as const;
    const fields = [
      { ...emails, fields: [{ name: 'value', type: 'text' as const }] },
      { name: 'note', type: 'text' as const },
      { name: 'score', type: 'int' as const, read_only: true },
    ];
    const kind = {
      number: 1,
      name: 'customer',
      plural: 'customers',
      label: 'Customer',
      owner: 'any' as const,
    };
    expect(targets({ ...kind, fields }).map((one) => one.path)).toEqual([
      'emails.value',
      'emails[2].value',
      'emails[3].value',
      'note',
    ]);
  });
  it('finds by what columns become, each once, and sees when two become the same', () => {
    const mapping = { a: 'emails.value', b: 'emails[2].value', c: '', d: 'name', e: 'name' };
    expect(keysOf(mapping)).toEqual(['emails.value', 'name']);
    expect([...doubled(mapping)]).toEqual(['d', 'e']);
  });
});

describe('feed', () => {
  const size = 3 * pieceBytes;
  it('begins each piece where the node was done, and asks where that is when it disagrees', async () => {
    let at: Import = { offset: 5 };
    const sent: number[] = [];
    await feed({
      size,
      ask: async () => at,
      send: async ({ from, to, last }) => {
        sent.push(from);
        if (sent.length === 2) {
          at = { offset: 100 };
          throw new ApiError(409, {});
        }
        at = { offset: last ? to : to - 3, complete: last };
        return at;
      },
      told: () => undefined,
      isStopped: () => false,
    });
    expect(sent.slice(0, 3)).toEqual([5, 5 + pieceBytes - 3, 100]);
    expect(at).toEqual({ offset: size, complete: true });
  });
  it('sends more when a line is longer than a piece, and gives up where the node would', async () => {
    const lengths: number[] = [];
    const run = feed({
      size: 2 * pieceBytesMax,
      ask: async () => ({ offset: 0 }),
      send: async ({ from, to }) => {
        lengths.push(to - from);
        return { offset: 0 };
      },
      told: () => undefined,
      isStopped: () => false,
    });
    await expect(run).rejects.toThrow('longer');
    expect(lengths.at(-1)).toBe(pieceBytesMax);
  });
  it('stops when it is told to', async () => {
    let count = 0;
    await feed({
      size,
      ask: async () => ({ offset: 0 }),
      send: async ({ to }) => ({ offset: to }),
      told: () => void count++,
      isStopped: () => count > 1,
    });
    expect(count).toBe(2);
  });
});
