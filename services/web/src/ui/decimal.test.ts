// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { formatDecimal, parseDecimal, sumDecimals, typedDecimal } from './decimal';

const german = { locale: 'de-DE', timeZone: undefined };
const english = { locale: 'en-GB', timeZone: undefined };

test('a decimal is read in the form of the person, and is exact', () => {
  expect(parseDecimal('1.234,5', 2, german)).toBe('1234.50');
  expect(parseDecimal('12.5', 2, german)).toBe('12.50');
  expect(parseDecimal('1.234', 2, german)).toBe('1234.00');
  expect(parseDecimal('1,234.5', 2, english)).toBe('1234.50');
  expect(parseDecimal('-,5', 1, german)).toBe('-0.5');
  expect(parseDecimal('92233720368547758.07', 2, english)).toBe('92233720368547758.07');
  expect(parseDecimal('3', 0, english)).toBe('3');
  for (const bad of ['', '-', '.', 'x', '1e3', '1.234567', '1..2', '--1', '12.505'])
    expect(parseDecimal(bad, 2, english)).toBeUndefined();
});

test('a decimal is shown with all its digits', () => {
  expect(formatDecimal('1234.50', 2, german)).toBe('1.234,50');
  expect(formatDecimal('-0.05', 2, english)).toBe('-0.05');
  expect(formatDecimal('92233720368547758.07', 2, english)).toBe('92,233,720,368,547,758.07');
  expect(typedDecimal('1234.50', german)).toBe('1234,50');
  for (const value of ['1234.50', '-0.05'])
    expect(parseDecimal(typedDecimal(value, german), 2, german)).toBe(value);
});

test('tenths add up', () => {
  expect(sumDecimals(['0.1', '0.2', undefined, '-3.0'], 1)).toBe('-2.7');
  expect(sumDecimals([], 2)).toBe('0.00');
});
