// SPDX-License-Identifier: Apache-2.0
/** Between 0 and 1; nothing is no part of nothing. */
export const shareOf = (part: number, all: number): number => (all > 0 ? Math.min(1, part / all) : 0);
