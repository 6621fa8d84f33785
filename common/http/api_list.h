/* SPDX-License-Identifier: Apache-2.0 */
/* api_list - the walk of a list for others than its pages: one record after the other, in slices.
 */
#ifndef LIA_HTTP_API_LIST_H
#define LIA_HTTP_API_LIST_H

#include "common/http/api_inner.h"

typedef struct lia_list lia_list;

/* A record's object as a list shows it; valid until it returns. Errors end the walk. */
typedef lia_err lia_list_each(void *context, lia_span json);

/* Reads the question of a list (?filter=, ?order_by= ...) for giving records away. All lives in the
 * call's arena. Answers itself and returns NULL when there is something wrong. */
lia_list *lia_list_make(lia_call *call, lia_list_each *each, void *context);

/* The next records: so many, or fewer when many rows had to be looked at; *more: there may be
 * others. `arena` is scratch. Any thread, one at a time. What was shown is noted for `call`. */
LIA_MUST_USE lia_err lia_list_next(lia_list *list, const lia_call *call, const lia_rows *rows,
                                   lia_arena *arena, bool *more);

#endif
