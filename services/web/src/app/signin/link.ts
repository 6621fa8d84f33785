// SPDX-License-Identifier: Apache-2.0
// What stands behind # in links that lead in: it never travels to a server, so no log has it.

export type EntryLink =
  /** Of an invitation, or of a password that was forgotten; of the node's first administrator. */
  | { purpose: 'link' | 'setup'; secret: string }
  /** Back from another provider, to an account that has a second factor here. */
  | { purpose: 'second-factor'; back: string };

export function linkIn(hash: string): EntryLink | undefined {
  const secret = /^#(link|setup)=(lia_[\w-]+)$/.exec(hash);
  if (secret?.[2]) return { purpose: secret[1] === 'setup' ? 'setup' : 'link', secret: secret[2] };
  const factor = /^#second-factor=(.*)$/.exec(hash);
  if (!factor) return undefined;
  // Only within this app: "//host" and the like would lead out of it.
  const path = factor[1] ?? '';
  return { purpose: 'second-factor', back: /^\/(?![/\\])/.test(path) ? path : '/' };
}
