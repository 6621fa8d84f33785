/* SPDX-License-Identifier: Apache-2.0 */
/* decimal - exact numbers with a fixed count of digits behind the point (the scale), as an integer:
 * 12.50 of scale 2 is 1250. They compare, sort and add as integers do. */
#ifndef LIA_BASE_DECIMAL_H
#define LIA_BASE_DECIMAL_H

#include "common/base/err.h"
#include "common/base/span.h"

#define LIA_DECIMAL_SCALE_MAX 9
#define LIA_DECIMAL_TEXT_SIZE 24 /* of the longest, with its NUL */

/* Reads "11.77", "-3", "1177.5", ".5"; zeros beyond the scale say nothing and are taken.
 *   LIA_EINVAL   not a number, more digits than the scale, or beyond INT64_MAX behind the sign */
LIA_MUST_USE lia_err lia_decimal_parse(lia_span text, unsigned scale, int64_t *out);

/* Prints "-11.77" with exactly `scale` digits behind the point (none: no point). Returns the size.
 */
size_t lia_decimal_print(int64_t value, unsigned scale, char text[LIA_DECIMAL_TEXT_SIZE]);

#endif
