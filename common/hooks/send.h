/* SPDX-License-Identifier: Apache-2.0 */
/* send - deliveries on the wire: many at once, on one thread, by libcurl (its only door).
 *
 * A name is resolved by the library, and the address that it connects to is looked at where the
 * socket is made: there is no second look-up in between that could answer differently. Redirects
 * are not followed, proxies not asked, answers not read beyond some bytes. */
#ifndef LIA_HOOKS_SEND_H
#define LIA_HOOKS_SEND_H

#include "common/base/trace.h"

#define LIA_SEND_MAX 256 /* deliveries under way */

typedef struct lia_sender lia_sender;

/* One delivery. Owned by the caller, untouched by it until lia_sender_ended gives it back. */
typedef struct lia_post {
    const char *url;
    lia_span body;
    const char *method; /* NULL: POST, and the headers of a webhook: */
    char id[64], signature[128];
    int64_t unix_s;
    const char *const *headers; /* with a method: lines, NULL behind the last */
    bool is_call;               /* the owner's: of which kind it is */
    lia_trace trace;            /* of the attempt, told in a header; none: none is */
    void *context;

    /* The answer. */
    uint16_t status;        /* 0: there was none */
    uint64_t retry_after_s; /* 0: not said */
    uint32_t ms;
    char error[120]; /* why there was no answer */
    bool refused;    /* because the address is none to send to */
    uint8_t *answer; /* room for `answer_max` bytes of what it says; NULL: the status says all */
    size_t answer_max, answer_size; /* a size above: there was more */

    void *inner; /* the sender's */
} lia_post;

typedef struct lia_sender_options {
    bool to_private;     /* also to addresses that are not of the public internet */
    uint32_t timeout_ms; /* for all of it; 0: 15 s */
} lia_sender_options;

/* LIA_EFULL */
LIA_MUST_USE lia_err lia_sender_open(lia_sender **out, const lia_sender_options *options);
/* Nothing may be under way. NULL is fine. */
void lia_sender_close(lia_sender *sender);

/* LIA_EFULL: LIA_SEND_MAX are under way, or memory; LIA_EINVAL: the library refuses the address */
LIA_MUST_USE lia_err lia_sender_begin(lia_sender *sender, lia_post *post);
/* The next one that has ended; NULL when there is none. */
lia_post *lia_sender_ended(lia_sender *sender);
/* Gives up one that is under way: it is the caller's again. */
void lia_sender_forget(lia_sender *sender, lia_post *post);
size_t lia_sender_under_way(const lia_sender *sender);

/* Waits until something happens on the wire, or lia_sender_wake, or the time is up. */
void lia_sender_wait(lia_sender *sender, int64_t ms);
/* Any thread. */
void lia_sender_wake(lia_sender *sender);

#endif
