/* SPDX-License-Identifier: Apache-2.0 */
/* money - an amount in minor units (cents) with its currency (ISO 4217 code). Never a double. */
#ifndef LIA_BASE_MONEY_H
#define LIA_BASE_MONEY_H

#include "common/base/err.h"

typedef struct lia_money {
    int64_t amount_minor;
    char currency[4]; /* "USD"; empty when unset */
} lia_money;

/* Three capital letters. */
bool lia_currency_is_valid(lia_span code);

/* How many digits the minor unit has: 2 for most, 0 for JPY, 3 for KWD (ISO 4217 exponent). */
unsigned lia_currency_digits(const char *currency);

/* Reads "11.77", "-3", "1177.5" as minor units of `currency`.
 *   LIA_EINVAL   not a number, too many digits, or out of range */
LIA_MUST_USE lia_err lia_money_parse(lia_span text, const char *currency, lia_money *out);

/* Adds when the currencies agree and the sum fits.
 *   LIA_EINVAL   different currencies or overflow; *sum is unchanged */
LIA_MUST_USE lia_err lia_money_add(lia_money *sum, lia_money more);

#endif
