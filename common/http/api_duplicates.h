/* SPDX-License-Identifier: Apache-2.0 */
/* api_duplicates - who might be the same customer, for people: the queue, one customer's, and the
 * warning on entry. */
#ifndef LIA_HTTP_API_DUPLICATES_H
#define LIA_HTTP_API_DUPLICATES_H

#include "common/http/api_golden.h"

/* Told with a new customer. */
#define LIA_DOUBLES_TOLD_MAX 5

typedef struct lia_doubles_found {
    struct {
        lia_id id;
        lia_span json; /* an object */
    } list[LIA_DOUBLES_TOLD_MAX];
    size_t count;
} lia_doubles_found;

/* Who might be the customer in `message` (of the kind's type), which is not stored. What is found
 * lives in the call's arena and is noted as seen; `scratch` is used and given back. Some
 * milliseconds: on a worker thread.   Errors as lia_identity_doubles */
LIA_MUST_USE lia_err lia_doubles_find(lia_doubles_found *out, const lia_rows *rows, lia_call *call,
                                      lia_span message, lia_arena *scratch);

/* [...] but for `except`: a record is no duplicate of itself. Returns how many. */
size_t lia_doubles_put(lia_buf *out, const lia_doubles_found *found, lia_id except);

#endif
