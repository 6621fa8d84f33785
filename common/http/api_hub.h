/* SPDX-License-Identifier: Apache-2.0 */
/* api_hub - live streams: every committed event to whoever asked for it, once encoded for all.
 *
 * A subscriber is live (it gets what the hub reads next) or catching up (it reads for itself, in
 * slices, until it stands where the hub does). One that reads too slowly goes back to catching up
 * and waits until its queue has drained: it misses nothing and holds little. */
#ifndef LIA_HTTP_API_HUB_H
#define LIA_HTTP_API_HUB_H

#include "common/collab/presence.h"
#include "common/events/interest.h"
#include "common/http/api_inner.h"

/* What a subscriber wants; all that are given must hold. */
typedef struct lia_subscription {
    lia_interest_ask ask;
    uint64_t limit; /* events until the stream ends; 0: endless */
    uint64_t next;  /* arrival number of the first one */
    uint64_t until; /* and of the last, behind which the stream ends; UINT64_MAX: endless */
    bool presence;  /* also who comes and goes where the subscriber looks (api_lookout.h) */
} lia_subscription;

/* Answers the call with the stream. */
void lia_hub_subscribe(lia_hub *hub, lia_call *call, const lia_subscription *wants);

/* Who looks at it is told to all who look at it themselves and asked for that. `rows` are of now. */
void lia_hub_tell_presence(lia_hub *hub, const lia_rows *rows, const lia_spot *place);

/* The arrival number that a cursor stands for, and up to where events are missing. Answers itself
 * and returns false when there is none; `name` is the parameter's. */
bool lia_call_cursor(lia_call *call, const char *name, lia_span text, uint64_t *arrival,
                     uint64_t *gap);

#endif
