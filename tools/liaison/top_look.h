/* SPDX-License-Identifier: Apache-2.0 */
/* top_look - how each node is at a moment, and what has changed since the moment before. */
#ifndef LIA_LIAISON_TOP_LOOK_H
#define LIA_LIAISON_TOP_LOOK_H

#include <jansson.h>

#include "tools/liaison/client.h"

/* Of one node. Negative figures are not known. */
typedef struct lia_top_row {
    char name[33];
    const char *state; /* "ok", "behind", "blocked", "denied", "silent" */
    double events_s;   /* own and others', written to its log */
    double requests_s;
    double flush_p99_s; /* bound of the bucket that the slowest hundredth of commits fell in */
    double behind;      /* events that others hold and it does not */
    double queue;       /* commands that wait for the writer */
    double memory, disk_free, disk; /* bytes */
    double clients;                 /* connections, streams included */
    double jobs;                    /* timers that are set */
    lia_why why;                    /* of a node that is not "ok" */
} lia_top_row;

/* A lane that a node does not have all of. */
typedef struct lia_top_lag {
    char node[33], lane[33], cause[96];
    int64_t events, ms;
} lia_top_lag;

#define LIA_TOP_LAGS_MAX 64

typedef struct lia_top {
    struct lia_top_node {
        const lia_target *target;
        lia_client client;
        bool open, was_silent;
        lia_bytes metrics[2]; /* of this look and of the one before */
        uint64_t at_ns[2];
        unsigned now; /* which of them */
    } nodes[LIA_MEMBERS_MAX];
    size_t count;
    lia_top_row rows[LIA_MEMBERS_MAX];
    lia_top_lag lags[LIA_TOP_LAGS_MAX];
    size_t lag_count;
} lia_top;

/* `targets` is borrowed. LIA_EFULL */
LIA_MUST_USE lia_err lia_top_open(lia_top *top, const lia_targets *targets, lia_why *why);
void lia_top_close(lia_top *top);

/* Asks all nodes, which takes at most two seconds for each that hangs, and less the next time.
 * Rates are known from the second look on. */
void lia_top_look(lia_top *top);

#endif
