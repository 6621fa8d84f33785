/* SPDX-License-Identifier: Apache-2.0 */
/* api_history - what a record was, and who made it so. */
#ifndef LIA_HTTP_API_HISTORY_H
#define LIA_HTTP_API_HISTORY_H

#include "common/http/api_inner.h"

/* With ?as_of= the record of the path as it was then is the answer; false: nobody asked for that, and
 * nothing is answered. */
bool lia_call_past(lia_call *call);

/* A moment of the past. */
typedef struct lia_moment {
    lia_stamp limit;
    lia_arena *scratch; /* is reset */
    size_t *looked;     /* NULL, or counts the changes that are read */
} lia_moment;

/* As it was asked for: an instant, or a position. */
typedef struct lia_moment_ask {
    bool is_position;
    lia_position position;
    lia_stamp limit;
} lia_moment_ask;

/* Reads ?as_of=. Answers itself and returns false when that is no moment of the past. */
bool lia_call_moment(lia_call *call, lia_span text, lia_moment_ask *out);
/* LIA_EABSENT  it is the position of an event that is not in the log here */
LIA_MUST_USE lia_err lia_moment_find(const lia_moment_ask *ask, const lia_rows *rows,
                                     lia_arena *arena, lia_stamp *limit);

/* Makes it show the record as it was then; numbers of fields of which that is not known any more are added
 * to `unknown`, as uint32_t.   LIA_EABSENT  it was not there yet     and as lia_past_read */
LIA_MUST_USE lia_err lia_shown_past(lia_shown *shown, const lia_rows *rows, const lia_moment *moment,
                                    lia_arena *arena, lia_buf *unknown);

/* Sends a change (or with `type` LIA_COMMAND_ARCHIVE the other thing) of the path's record as a PATCH
 * is sent, from the version that it was thought of for. Answers. */
typedef struct lia_change_ask {
    lia_command_type type;
    bool restore;
    lia_span request;
    const uint32_t *mask;
    size_t mask_count;
    lia_stamp match;
} lia_change_ask;
void lia_call_change(lia_call *call, const lia_change_ask *ask);

#endif
