// SPDX-License-Identifier: Apache-2.0
// The list that a record was opened from: next and previous follow its order, and the way back leads to it as it
// was. One tab's own, and still known after a reload.

interface Walked {
  plural: string;
  ids: string[];
  /** What its address said: view, filter, order. */
  search: Record<string, string>;
}

const key = 'liaison.walk';
/** So many around the record that was opened. */
const AROUND = 1000;

function read(): Walked {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Walked | null;
    if (kept && Array.isArray(kept.ids)) return kept;
  } catch {
    // Nothing that this release wrote.
  }
  return { plural: '', ids: [], search: {} };
}

let walked: Walked | undefined;
const now = (): Walked => {
  walked ??= read();
  return walked;
};

export function rememberList(
  plural: string,
  rows: string[],
  opened: string,
  search: Partial<Record<string, string>> = {},
) {
  const at = Math.max(0, rows.indexOf(opened));
  const said = Object.entries(search).filter(
    (part): part is [string, string] => !!part[1] && !['peek', 'create'].includes(part[0]),
  );
  walked = {
    plural,
    ids: rows.slice(Math.max(0, at - AROUND), at + AROUND),
    search: Object.fromEntries(said),
  };
  try {
    sessionStorage.setItem(key, JSON.stringify(walked));
  } catch {
    // A browser that keeps nothing: then it holds until the tab is closed.
  }
}

/** The list's address, behind its path. */
export const searchOfList = (plural: string): Record<string, string> =>
  now().plural === plural ? now().search : {};

export function neighboursOf(
  plural: string,
  id: string,
): { previous?: string; next?: string; at?: number; of?: number } {
  const { ids } = now();
  const at = now().plural === plural ? ids.indexOf(id) : -1;
  if (at < 0) return {};
  const previous = ids[at - 1];
  const next = ids[at + 1];
  return { at, of: ids.length, ...(previous ? { previous } : {}), ...(next ? { next } : {}) };
}
