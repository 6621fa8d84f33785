/* SPDX-License-Identifier: Apache-2.0 */
/* json_pointer - names a value within a JSON document (RFC 6901): "/items/0/name"; "" is the whole.
 * ~1 stands for / and ~0 for ~ within a name. */
#ifndef LIA_WIRE_JSON_POINTER_H
#define LIA_WIRE_JSON_POINTER_H

#include "common/wire/json_tree.h"

#define LIA_JSON_POINTER_BYTES_MAX 500

/* Whether it is a pointer at all. `why` says "column 3: ~ is followed by 0 or 1".   LIA_EINVAL */
LIA_MUST_USE lia_err lia_json_pointer_check(lia_span pointer, lia_why *why);

/* What it names in `document`; borrowed. NULL: nothing is there, or it is no pointer. */
const json_t *lia_json_pointer_find(const json_t *document, lia_span pointer);

#endif
