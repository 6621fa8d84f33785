/* SPDX-License-Identifier: Apache-2.0 */
/* language - the tag of a language (BCP 47) from what other systems write in its place. */
#ifndef LIA_EXCHANGE_LANGUAGE_H
#define LIA_EXCHANGE_LANGUAGE_H

#include "common/base/language.h"

/* Knows the usual languages by their English, German and own names, and tags that are written with
 * an underscore or an encoding behind ("de_DE.UTF-8"). ASCII case does not matter. False: no such
 * language; `out` then says nothing. */
bool lia_language_by_name(lia_span name, char out[LIA_LANGUAGE_MAX + 1]);

#endif
