// SPDX-License-Identifier: Apache-2.0
// Exact decimals, as the API has them: text with a point and as many digits behind it as the field has. Pure
// but for the person's forms.
import { forms } from './format';

const plain = /^-?\d*\.?\d*$/;

/** "12.5" of scale 2 is 1250n; undefined: it is none, or has more digits. */
function unitsOf(text: string, scale: number): bigint | undefined {
  if (!plain.test(text) || !/\d/.test(text)) return undefined;
  const [whole = '', behind = ''] = text.replace('-', '').split('.');
  const kept = behind.replace(/0+$/, '');
  if (kept.length > scale) return undefined;
  const size = BigInt(`${whole || '0'}${kept.padEnd(scale, '0')}`);
  return text.startsWith('-') ? -size : size;
}

function textOf(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale ? `.${digits.slice(-scale)}` : ''}`;
}

/** What somebody typed, in their own form or the plain one; undefined: it is no such number. */
export function parseDecimal(typed: string, scale: number, at = forms()): string | undefined {
  const parts = new Intl.NumberFormat(at.locale).formatToParts(12345.6);
  const group = parts.find((part) => part.type === 'group')?.value ?? ',';
  const point = parts.find((part) => part.type === 'decimal')?.value ?? '.';
  const bare = typed.trim().replace(/[\s\u00a0\u202f']/g, '');
  // 12.5 where the point is for thousands: those come in threes.
  const isPlain = point !== '.' && !bare.includes(point) && /^-?\d*\.(\d{1,2}|\d{4,})$/.test(bare);
  const units = unitsOf(isPlain ? bare : bare.replaceAll(group, '').replace(point, '.'), scale);
  return units === undefined ? undefined : textOf(units, scale);
}

/** In the person's form; no digit is lost. */
export function formatDecimal(value: string, scale: number, at = forms()): string {
  const form = new Intl.NumberFormat(at.locale, {
    minimumFractionDigits: scale,
    maximumFractionDigits: scale,
  });
  return form.format(value as `${number}`);
}

/** As it is typed: without what parts thousands. */
export const typedDecimal = (value: string, at = forms()): string =>
  value.replace(
    '.',
    new Intl.NumberFormat(at.locale).formatToParts(0.5).find((part) => part.type === 'decimal')?.value ?? '.',
  );

export const sumDecimals = (values: readonly unknown[], scale: number): string =>
  textOf(
    values.reduce<bigint>(
      (sum, value) => sum + ((typeof value === 'string' && unitsOf(value, scale)) || 0n),
      0n,
    ),
    scale,
  );
