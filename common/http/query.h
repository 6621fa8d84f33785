/* SPDX-License-Identifier: Apache-2.0 */
/* query - percent-decoding of paths and parameters (RFC 3986, and forms' '+'). Pure. */
#ifndef LIA_HTTP_QUERY_H
#define LIA_HTTP_QUERY_H

#include "common/base/err.h"

/* Well-formed UTF-8 (RFC 3629: no overlong forms, surrogates, or anything above U+10FFFF). */
bool lia_http_utf8_is_valid(lia_span text);

/* Decodes a path in place when it holds escapes, and checks the result: valid UTF-8, no control
 * bytes, no "." or ".." segment, and no escaped '/'.
 *   LIA_EINVAL   it is not such a path */
LIA_MUST_USE lia_err lia_http_path_decode(lia_span *path);

/* The still encoded value of the first parameter of that name; "a" and "a=" give an empty one. */
bool lia_http_query_find(lia_span query, const char *name, lia_span *value);

/* Decodes a parameter's value into `out`, which has room for value.size bytes. NUL is refused.
 *   LIA_EINVAL   a malformed escape or UTF-8 */
LIA_MUST_USE lia_err lia_http_query_decode(lia_span value, uint8_t *out, size_t *size);

#endif
