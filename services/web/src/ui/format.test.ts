// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { setLanguage } from '@/texts';
import {
  countryName,
  formatAgo,
  formatDuration,
  formatMeasure,
  formatMoney,
  formatPercent,
  languageName,
  minorDigits,
  parseAmount,
  parseDuration,
} from './format';

const german = { locale: 'de-DE', timeZone: 'Europe/Berlin' };
const english = { locale: 'en-GB', timeZone: 'Europe/London' };
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test('an amount has as many digits as its currency', () => {
  expect(minorDigits('EUR')).toBe(2);
  expect(minorDigits('JPY')).toBe(0);
  expect(plain(formatMoney({ amount_minor: 123_456, currency: 'EUR' }, { at: german }))).toBe('1.234,56 €');
  expect(formatMoney({ amount_minor: 123_400, currency: 'EUR' }, { at: english })).toBe('€1,234');
  expect(plain(formatMoney({ amount_minor: 500, currency: 'JPY' }, { at: english }))).toBe('JP¥500');
});

test('an amount is read in the form of the person', () => {
  expect(parseAmount('1.234,56', 'EUR', german)).toBe(123_456);
  expect(parseAmount('1,234.56', 'EUR', english)).toBe(123_456);
  expect(parseAmount('99.5', 'EUR', german)).toBe(9950);
  expect(parseAmount('1.234', 'EUR', german)).toBe(123_400);
  expect(parseAmount('-3', 'EUR', english)).toBe(-300);
  expect(parseAmount('12 000', 'JPY', english)).toBe(12_000);
  for (const bad of ['', 'x', '1,2,3x', '--1']) expect(parseAmount(bad, 'EUR', english)).toBeUndefined();
});

test('a duration that was printed is read as itself', () => {
  for (const ms of [45_000, 60_000, 5_400_000, 90_000_000])
    expect(parseDuration(formatDuration(ms))).toBe(ms);
  expect(parseDuration('45')).toBe(2_700_000);
  expect(parseDuration('1,5 h')).toBe(5_400_000);
  for (const bad of ['', 'soon', '1 x', '1 h foo']) expect(parseDuration(bad)).toBeUndefined();
  setLanguage('de');
  try {
    expect(formatDuration(5_400_000)).toBe('1 Std. 30 Min.');
    for (const ms of [45_000, 60_000, 5_400_000, 90_000_000])
      expect(parseDuration(formatDuration(ms))).toBe(ms);
  } finally {
    setLanguage('en');
  }
});

test('a distance in time is told in the unit that fits', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  const ago = (value: string) => formatAgo(value, now, english);
  expect(ago('2026-11-22T11:59:50Z')).toBe('just now');
  expect(ago('2026-11-22T09:30:00Z')).toBe('2 hours ago');
  expect(ago('2026-11-21T12:00:00Z')).toBe('yesterday');
  expect(ago('2026-11-25T12:00:00Z')).toBe('in 3 days');
});

test('a percentage, a count with its unit, and a language are told as people say them', () => {
  expect(formatPercent(40, english)).toBe('40%');
  expect(plain(formatPercent(40, german))).toBe('40 %');
  expect(formatMeasure(1, 'days', english)).toBe('1 day');
  expect(plain(formatMeasure(1200, 'days', german))).toBe('1.200 Tage');
  expect(plain(formatMeasure(24, 'hours', german))).toBe('24 Stunden');
  expect(formatMeasure(920, 'thousandths', english)).toBe('920 ‰');
  expect(languageName('de', english)).toBe('German');
  expect(languageName('de-AT', german)).toBe('Österreichisches Deutsch');
  // Values from before languages were checked are shown as they stand.
  for (const odd of ['Klingonisch!', 'German', 'qaa']) expect(languageName(odd, english)).toBe(odd);
  expect(countryName('DE', german)).toBe('Deutschland');
});
