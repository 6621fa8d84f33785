/* SPDX-License-Identifier: Apache-2.0 */
/* utf8 - is it text? Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
#ifndef LIA_WIRE_UTF8_H
#define LIA_WIRE_UTF8_H

#include "common/base/span.h"

/* How many bytes the first character of `text` has; 0 when they are not UTF-8 or there is none. */
size_t lia_utf8_step(lia_span text);

bool lia_utf8_valid(lia_span text);

#endif
