/* SPDX-License-Identifier: Apache-2.0 */
/* api_hub - live streams: every committed event to whoever asked for it, once encoded for all.
 *
 * A subscriber is live (it gets what the hub reads next) or catching up (it reads for itself, in
 * slices, until it stands where the hub does). One that reads too slowly goes back to catching up
 * and waits until its queue has drained: it misses nothing and holds little. */
#ifndef LIA_HTTP_API_HUB_H
#define LIA_HTTP_API_HUB_H

#include "common/http/api_golden.h"

#define LIA_TOPICS_MAX 16

/* What a subscriber wants; all that are given must hold. */
typedef struct lia_interest {
    struct {
        char text[96]; /* "sales.deal.won", or the beginning of such */
        size_t size;
    } topics[LIA_TOPICS_MAX];
    size_t topic_count;
    lia_id customers[LIA_MEMBERS_SHOWN_MAX]; /* the records of one customer; none: of all */
    size_t customer_count;
    uint16_t kind;
    uint64_t limit; /* events until the stream ends; 0: endless */
    uint64_t next;  /* arrival number of the first one */
    uint64_t until; /* and of the last, behind which the stream ends; UINT64_MAX: endless */
} lia_interest;

/* Answers the call with the stream. */
void lia_hub_subscribe(lia_hub *hub, lia_call *call, const lia_interest *interest);

#endif
