// SPDX-License-Identifier: Apache-2.0
// Numbers, amounts and instants in the person's forms. Pure but for the preferences they follow.
import { preferences, usePreferences } from '@/app/preferences';
import { defineTexts } from '@/texts';

export interface Money {
  amount_minor: number;
  currency: string;
}

export interface Forms {
  locale: string;
  timeZone: string | undefined;
}

export const forms = (): Forms => {
  const { region, language, timeZone } = preferences();
  return { locale: region || (language === 'de' ? 'de-DE' : 'en-GB'), timeZone: timeZone || undefined };
};

const { texts } = defineTexts('format', {
  en: { yes: 'Yes', no: 'No', now: 'just now', d: 'd', h: 'h', min: 'min', s: 's' },
  de: { yes: 'Ja', no: 'Nein', now: 'gerade eben', d: 'Tg.', h: 'Std.', min: 'Min.', s: 'Sek.' },
});

/** Intl objects are costly to make and asked for by every cell. */
const made = new Map<string, unknown>();
function kept<T>(key: string, make: () => T): T {
  let one = made.get(key) as T | undefined;
  if (!one) {
    one = make();
    made.set(key, one);
  }
  return one;
}

/** How many digits of a currency's amount stand behind the point: 2 for EUR, 0 for JPY. */
export function minorDigits(currency: string): number {
  try {
    return kept(
      `digits ${currency}`,
      () => new Intl.NumberFormat('en', { style: 'currency', currency }),
    ).resolvedOptions().maximumFractionDigits as number;
  } catch {
    return 2;
  }
}

export const minorToMajor = (money: Money) => money.amount_minor / 10 ** minorDigits(money.currency);

export function formatMoney(
  money: Money,
  { short = false, at = forms() }: { short?: boolean; at?: Forms } = {},
) {
  const whole = money.amount_minor % 10 ** minorDigits(money.currency) === 0;
  const options: Intl.NumberFormatOptions = short
    ? { notation: 'compact', maximumFractionDigits: 1, maximumSignificantDigits: 3 }
    : whole
      ? { maximumFractionDigits: 0 }
      : {};
  try {
    return kept(
      `money ${at.locale} ${money.currency} ${short} ${whole}`,
      () => new Intl.NumberFormat(at.locale, { style: 'currency', currency: money.currency, ...options }),
    ).format(minorToMajor(money));
  } catch {
    return `${formatNumber(money.amount_minor / 100, at)} ${money.currency}`;
  }
}

export const formatNumber = (value: number, at = forms()) =>
  kept(`number ${at.locale}`, () => new Intl.NumberFormat(at.locale)).format(value);

/** 40 as "40%", or as "40 %" where that is the form. */
export const formatPercent = (value: number, at = forms()) =>
  kept(`percent ${at.locale}`, () => new Intl.NumberFormat(at.locale, { style: 'percent' })).format(
    value / 100,
  );

const counted: Record<string, string> = { days: 'day', hours: 'hour', seconds: 'second' };

/** A count of days, hours, seconds or thousandths with its unit: "30 days", "920 ‰". */
export function formatMeasure(value: number, unit: string, at = forms()): string {
  const known = counted[unit];
  if (!known) return `${formatNumber(value, at)}${unit === 'thousandths' ? ' ‰' : ''}`;
  const options: Intl.NumberFormatOptions = { style: 'unit', unit: known, unitDisplay: 'long' };
  return kept(`${known} ${at.locale}`, () => new Intl.NumberFormat(at.locale, options)).format(value);
}

export const formatBool = (value: boolean) => texts(value ? 'yes' : 'no');

const date = (name: string, at: Forms, options: Intl.DateTimeFormatOptions) =>
  kept(
    `${name} ${at.locale} ${at.timeZone}`,
    () => new Intl.DateTimeFormat(at.locale, at.timeZone ? { ...options, timeZone: at.timeZone } : options),
  );

export const formatDate = (value: string, at = forms()) =>
  date('date', at, { day: 'numeric', month: 'short', year: 'numeric' }).format(new Date(value));
export const formatTime = (value: string, at = forms()) =>
  date('time', at, { hour: '2-digit', minute: '2-digit' }).format(new Date(value));
export const formatInstant = (value: string, at = forms()) =>
  date('instant', at, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(value));
/** With weekday and seconds, for what a pointer rests on. */
export const formatInstantLong = (value: string, at = forms()) =>
  date('long', at, { dateStyle: 'full', timeStyle: 'long' }).format(new Date(value));

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "3 days ago", "in 2 hours" */
export function formatAgo(value: string, now = Date.now(), at = forms()): string {
  const seconds = (new Date(value).getTime() - now) / 1000;
  const relative = kept(
    `ago ${at.locale}`,
    () => new Intl.RelativeTimeFormat(at.locale, { numeric: 'auto' }),
  );
  for (const [unit, size] of steps)
    if (Math.abs(seconds) >= size * (unit === 'week' ? 2 : 1))
      return relative.format(Math.trunc(seconds / size), unit);
  return texts('now');
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** What people type for a unit, in either language. */
const unitNames: Record<string, (typeof units)[number][0]> = {
  ...{ d: 'd', t: 'd', tg: 'd', tag: 'd', tage: 'd' },
  ...{ h: 'h', std: 'h', m: 'min', min: 'min', s: 's', sek: 's' },
};

/** "1 h 30 min", at most two units, in the person's language. Also what a person may type: see parseDuration. */
export function formatDuration(ms: number): string {
  const parts: string[] = [];
  let rest = Math.abs(ms);
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${texts(unit)}`);
    if (parts.length === 2) break;
  }
  return (ms < 0 ? '-' : '') + (parts.join(' ') || `0 ${texts('s')}`);
}

/** Milliseconds of "1h 30min", "1 Std. 30 Min.", "90 s", "45" (minutes); undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const typed = text.trim().toLowerCase();
  const found = [...typed.matchAll(/(\d+(?:[.,]\d+)?)\s*(?:([a-z]+)\.?)?\s*/gy)];
  if (!found.length || found.map((one) => one[0]).join('') !== typed) return undefined;
  let sum = 0;
  for (const [, count = '0', unit = 'min'] of found) {
    const size = units.find(([name]) => name === unitNames[unit])?.[1];
    if (size === undefined) return undefined;
    sum += Number(count.replace(',', '.')) * size;
  }
  return sum;
}

/** An amount as typed, in the person's or the plain form, to minor units. */
export function parseAmount(text: string, currency: string, at = forms()): number | undefined {
  const parts = kept(`number ${at.locale}`, () => new Intl.NumberFormat(at.locale)).formatToParts(12345.6);
  const group = parts.find((part) => part.type === 'group')?.value ?? ',';
  const decimal = parts.find((part) => part.type === 'decimal')?.value ?? '.';
  const bare = text.trim().replace(/[\s\u00a0\u202f']/g, '');
  const plain = /^-?\d+\.\d{1,2}$/.test(bare) && decimal !== '.' && !bare.includes(decimal);
  const normal = plain ? bare : bare.replaceAll(group, '').replace(decimal, '.');
  if (!/^-?\d+(\.\d+)?$/.test(normal)) return undefined;
  return Math.round(Number(normal) * 10 ** minorDigits(currency));
}

/** What the forms follow, so that whoever shows one is drawn again. */
export function useForms(): Forms {
  usePreferences();
  return forms();
}

/** What a code is called in the person's language; the code where nobody knows. */
function nameOf(type: Intl.DisplayNamesType, code: string, at: Forms): string {
  try {
    const names = kept(`${type} ${at.locale}`, () => new Intl.DisplayNames(at.locale, { type }));
    const name = names.of(code);
    // Without a name the code comes back in another case.
    return !name || name.toLowerCase() === code.toLowerCase() ? code : name;
  } catch {
    return code;
  }
}

export const countryName = (code: string, at = forms()): string => nameOf('region', code, at);
/** "de-AT" as "Austrian German". */
export const languageName = (tag: string, at = forms()): string => nameOf('language', tag, at);
