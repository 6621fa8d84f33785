/* SPDX-License-Identifier: Apache-2.0 */
/* json_cut - finds one member of a JSON object by counting brackets. Pure. For wrappers whose
 * inside is read properly afterwards. */
#ifndef LIA_HTTP_JSON_CUT_H
#define LIA_HTTP_JSON_CUT_H

#include "common/base/span.h"

/* The bytes of the value of the object's member `name` (as it stands in the text, never escaped),
 * without blanks around it; the last of several. False when there is none, or when the text is not
 * one object from end to end. */
bool lia_json_cut(lia_span object, const char *name, lia_span *value);

/* How many members it has; 0 also when it is no object. */
size_t lia_json_members(lia_span object);

#endif
