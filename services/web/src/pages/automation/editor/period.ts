// SPDX-License-Identifier: Apache-2.0
// "3d" as a number and a unit. Pure.
export const units = { s: 'seconds', min: 'minutes', h: 'hours', d: 'days', w: 'weeks' } as const;
export type Unit = keyof typeof units;

export interface Period {
  count: number;
  unit: Unit;
  before: boolean;
}

/** undefined: not one that two inputs can show, as "1h30min". */
export function parsePeriod(text: string | undefined): Period | undefined {
  const found = /^(-?)(\d+)(s|min|h|d|w)$/.exec((text ?? '').trim());
  return found ? { before: found[1] === '-', count: Number(found[2]), unit: found[3] as Unit } : undefined;
}

export const printPeriod = ({ count, unit, before }: Period) =>
  `${before && count ? '-' : ''}${count}${unit}`;
