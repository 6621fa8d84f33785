/* SPDX-License-Identifier: Apache-2.0 */
/* language - a language as programs name it: a tag of BCP 47 such as de, de-AT or zh-Hant-TW. */
#ifndef LIA_BASE_LANGUAGE_H
#define LIA_BASE_LANGUAGE_H

#include <stdbool.h>

#include "common/base/span.h"

/* RFC 5646, 4.4.1, has 35 for the longest that anybody needs. */
#define LIA_LANGUAGE_MAX 35

/* The form of RFC 5646, 2.1, as a pattern for documents; together with the length above it takes
 * exactly what lia_language_read does. */
#define LIA_LANGUAGE_PATTERN                                                                       \
    "^[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"                   \
    "(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*"                                                   \
    "(-[0-9A-WYZa-wyz](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?$"

/* Whether the text is a tag; then `out` holds it in the case that everybody writes (de-AT,
 * sr-Latn), with its NUL, so that two tags of one language are the same bytes. Only the form is
 * looked at: new tags need no new release. Names of languages ("German") are no tags, although the
 * RFC keeps room for tags of four to eight letters: none exist. Those without a language (x-mine)
 * and the irregular ones of before 2005 (i-klingon) are none either. */
bool lia_language_read(lia_span text, char out[LIA_LANGUAGE_MAX + 1]);

#endif
