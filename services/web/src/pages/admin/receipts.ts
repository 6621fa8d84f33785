// SPDX-License-Identifier: Apache-2.0
// Whether a customer who was to be forgotten is, everywhere. Pure.
import type { components } from '@/api/schema';

export type Receipt = components['schemas']['ErasureReceipt'];
interface Member {
  number: number;
  name: string;
}

/** Names of members that have not said that no byte is left with them. */
export const lacking = (receipts: readonly Receipt[], members: readonly Member[]): string[] =>
  members
    .filter(
      (member) =>
        !receipts.some(
          (receipt) => receipt.done_at && (receipt.number === member.number || receipt.node === member.name),
        ),
    )
    .map((member) => member.name);

export type ErasureState = 'asked' | 'underWay' | 'done';
export function stateOf(receipts: readonly Receipt[], members: readonly Member[]): ErasureState {
  if (receipts.length === 0) return 'asked';
  return lacking(receipts, members).length === 0 ? 'done' : 'underWay';
}
