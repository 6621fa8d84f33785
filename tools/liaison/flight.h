/* SPDX-License-Identifier: Apache-2.0 */
/* flight - several POSTs to one node under way at once. What a busy or restarting node could not
 * take is sent again until patience ends, so every request needs an idempotency key of some kind.
 * One thread; callbacks come from inside send, wait and drain. */
#ifndef LIA_LIAISON_FLIGHT_H
#define LIA_LIAISON_FLIGHT_H

#include "tools/liaison/client.h"

typedef struct lia_flight lia_flight;

typedef struct lia_post {
    char path[160];   /* behind /api/v1 */
    const char *type; /* of the body, "application/json" */
    char key[128];    /* Idempotency-Key; empty: none */
    lia_bytes body;
    /* Called once, with any answer that is not "busy": 2xx or 4xx. LIA_EBUSY sends it again later;
     * another error ends the flight with `why`. */
    lia_err (*done)(struct lia_post *post, lia_why *why);
    void *context;
    uint64_t number; /* the caller's */
    /* the answer */
    long status;
    lia_bytes reply;
    unsigned attempts;
} lia_post;

/* Up to `requests` at once. `target` is borrowed. Patience: how long one request is sent again
 * before the flight gives up.
 *   LIA_EFULL   no memory */
LIA_MUST_USE lia_err lia_flight_open(lia_flight **out, const lia_target *target, size_t requests,
                                     uint64_t patience_ms, lia_why *why);
/* What is under way is dropped; drain first. NULL is fine. */
void lia_flight_close(lia_flight *flight);

/* `tick` is called many times a second while the flight waits. `note` says what it waits for, or is
 * NULL. */
void lia_flight_on_tick(lia_flight *flight, void (*tick)(void *context, const char *note),
                        void *context);

const lia_target *lia_flight_target(const lia_flight *flight);

/* An empty post, once one is free: fill it and send it. NULL when the flight has failed. */
lia_post *lia_flight_take(lia_flight *flight, lia_why *why);
LIA_MUST_USE lia_err lia_flight_send(lia_flight *flight, lia_post *post, lia_why *why);

/* Waits until at least one post is done; LIA_OK at once when none is under way. */
LIA_MUST_USE lia_err lia_flight_wait(lia_flight *flight, lia_why *why);
/* Waits until all are done. */
LIA_MUST_USE lia_err lia_flight_drain(lia_flight *flight, lia_why *why);

#endif
