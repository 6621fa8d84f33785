/* SPDX-License-Identifier: Apache-2.0 */
/* json_tree - a JSON document as jansson reads it, for texts of others that no schema of ours
 * describes. Where jansson found no memory it says so, instead of telling a part of the text. */
#ifndef LIA_WIRE_JSON_TREE_H
#define LIA_WIRE_JSON_TREE_H

#include <jansson.h>

#include "common/base/err.h"

/* RFC 8259; duplicate names, NUL and bad UTF-8 are refused. On LIA_OK *out is yours until
 * json_decref; otherwise it is NULL.
 *   LIA_EINVAL  "line 3, column 14: ..."      LIA_EFULL  memory */
LIA_MUST_USE lia_err lia_json_load(lia_span json, json_t **out, lia_why *why);

/* A number, or a text of one, as a decimal of the scale (base/decimal.h). A number of JSON has been
 * read as a double, so it is taken where that was exact, as of 15 digits; a text has no such bound.
 * False: neither, more digits behind the point than the scale, or too large. */
bool lia_json_decimal(const json_t *json, unsigned scale, int64_t *out);

#endif
