/* SPDX-License-Identifier: Apache-2.0 */
/* api_audience - subscribers who want the same and may see the same: what an event is to them is
 * worked out once, however many they are. */
#ifndef LIA_HTTP_API_AUDIENCE_H
#define LIA_HTTP_API_AUDIENCE_H

#include "common/events/interest.h"
#include "common/http/api_gate.h"

typedef struct lia_audience lia_audience;

/* An event under way, and how it reads to those who see all of it. */
typedef struct lia_telling {
    lia_said said;
    uint64_t number;    /* another one each time that an event is read */
    char id[64];        /* of the stream */
    const char *source; /* name of the node that it comes from */
    lia_span frame;     /* empty until the first one wants it */
} lia_telling;

/* Joins the audience in *list that asks the same with the same login (NULL: nobody in particular,
 * who sees everything), or begins one, which holds the login. Leave it when the subscriber goes.
 *   LIA_EINVAL  as lia_interest_make       LIA_EFULL */
LIA_MUST_USE lia_err lia_audience_join(lia_audience **out, lia_audience **list,
                                       const lia_interest_ask *ask, lia_login *login, lia_why *why);
/* Whether it may go on: the pass is in force still, with the same rights, and no field was added. */
bool lia_audience_lasts(lia_audience *audience, lia_gate *gate);
void lia_audience_leave(lia_audience *audience);

/* Whose it is; NULL: nobody's in particular. */
const lia_login *lia_audience_login(const lia_audience *audience);
const lia_interest *lia_audience_interest(const lia_audience *audience);

/* The message as it is sent, empty when it is not for them. Valid until the arena of the telling is
 * reset.
 *   LIA_ECORRUPT  LIA_EFULL  it could not be judged */
LIA_MUST_USE lia_err lia_audience_frame(lia_audience *audience, lia_telling *telling,
                                        lia_span *frame);

#endif
