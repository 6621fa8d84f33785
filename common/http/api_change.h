/* SPDX-License-Identifier: Apache-2.0 */
/* api_change - one change of a record as JSON: when, by which event, who, and each field's old and
 * new value. What the history of a record and the question what somebody did are made of. Worker
 * threads; nothing is told that call->who may not see. */
#ifndef LIA_HTTP_API_CHANGE_H
#define LIA_HTTP_API_CHANGE_H

#include "common/http/api_inner.h"

/* Kinds of records that act, and which of their fields is the number in events' headers. */
#define LIA_ACTORS 3
typedef struct lia_actor_place {
    const char *kind, *field;
} lia_actor_place;
extern const lia_actor_place lia_actors[LIA_ACTORS];

typedef struct lia_teller {
    const lia_call *call;
    const lia_rows *rows;
    lia_arena *scratch;
    lia_buf *out;
    const lia_field *field; /* only this one; NULL: all */
} lia_teller;

/* Members without braces: "at", "position", "event", "label", "department", "node", "cause". */
void lia_tell_event(const lia_teller *tell, const lia_header *header);
/* ,"by":{...}: the number in the event's header, and whose it is: a user, a rule or a flow. */
LIA_MUST_USE lia_err lia_tell_actor(const lia_teller *tell, uint32_t actor);
/* ,"fields":[...] of an op; `kind` is as it looks to whoever asks. *told counts those that were
 * told. */
LIA_MUST_USE lia_err lia_tell_fields(const lia_teller *tell, const lia_kind *kind,
                                     const lia_event *event, const lia_op *op, size_t *told);

#endif
