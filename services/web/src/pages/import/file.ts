// SPDX-License-Identifier: Apache-2.0
// The file, which stays here: what it is, its beginning, its pieces.
import type { Import } from './query';

export type Format = NonNullable<Import['format']>;

export const mediaTypes: Record<Format, string> = {
  csv: 'text/csv',
  jsonl: 'application/jsonl',
  vcard: 'text/vcard',
};

/** By the end of its name; everything unknown is taken for a table. */
export function formatOf(name: string): Format {
  if (/\.(vcf|vcard)$/i.test(name)) return 'vcard';
  if (/\.(jsonl|ndjson|json)$/i.test(name)) return 'jsonl';
  return 'csv';
}

export const previewBytes = 1 << 20;
export const pieceBytes = 1 << 20;
export const pieceBytesMax = 8 << 20;

/** How much of a beginning that was cut off ends with a whole line. */
export function wholeLines(bytes: Uint8Array): number {
  const end = bytes.lastIndexOf(10) + 1;
  if (end === 0) return bytes.length;
  const isWideLittle = bytes[0] === 0xff && bytes[1] === 0xfe;
  return isWideLittle ? end + 1 : end;
}

/** The first lines, as they are sent to be looked at. */
export async function beginningOf(file: Blob): Promise<Blob> {
  if (file.size <= previewBytes) return file;
  const head = file.slice(0, previewBytes);
  return head.slice(0, wholeLines(new Uint8Array(await head.arrayBuffer())));
}

export interface Piece {
  from: number;
  to: number;
  last: boolean;
}
export function pieceAt(offset: number, size: number, length: number): Piece {
  const to = Math.min(size, offset + length);
  return { from: offset, to, last: to === size };
}

/** A file is chosen on one page and sent by another; a reload forgets it. */
const chosen = new Map<string, File>();
export const keepFile = (id: string, file: File) => void chosen.set(id, file);
export const fileOf = (id: string): File | undefined => chosen.get(id);

interface FileMark {
  name: string;
  size: number;
}
const markKey = (id: string) => `liaison.import.${id}`;
/** Its name and size are remembered, so that nobody goes on with another one. */
export function markFile(id: string, file: FileMark) {
  localStorage.setItem(markKey(id), JSON.stringify({ name: file.name, size: file.size }));
}
export function markOf(id: string): FileMark | undefined {
  const text = localStorage.getItem(markKey(id));
  return text ? (JSON.parse(text) as FileMark) : undefined;
}
export const isOther = (mark: FileMark | undefined, file: FileMark) =>
  mark !== undefined && (mark.name !== file.name || mark.size !== file.size);
