// SPDX-License-Identifier: Apache-2.0
// The list that a record was opened from: next and previous follow its order.

let plural = '';
let ids: string[] = [];

export function rememberList(kind: string, rows: string[]) {
  plural = kind;
  ids = rows;
}

export function neighboursOf(
  kind: string,
  id: string,
): { previous?: string; next?: string; at?: number; of?: number } {
  const at = kind === plural ? ids.indexOf(id) : -1;
  if (at < 0) return {};
  const previous = ids[at - 1];
  const next = ids[at + 1];
  return { at, of: ids.length, ...(previous ? { previous } : {}), ...(next ? { next } : {}) };
}
