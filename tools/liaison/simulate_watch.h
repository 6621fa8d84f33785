/* SPDX-License-Identifier: Apache-2.0 */
/* simulate_watch - looks at the nodes once a second while they are loaded, from a thread of its
 * own, so that looking does not hold up sending. */
#ifndef LIA_LIAISON_SIMULATE_WATCH_H
#define LIA_LIAISON_SIMULATE_WATCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "tools/liaison/simulate.h"
#include "tools/liaison/top_look.h"

typedef struct lia_watch {
    lia_simulated *out; /* its `nodes`, lag and settling are the watch's until it is stopped */
    lia_top *top;
    pthread_t thread;
    bool running;
    atomic_bool over;
    atomic_llong behind;
} lia_watch;

/* Fine to close when it failed.   LIA_EFULL */
LIA_MUST_USE lia_err lia_watch_start(lia_watch *watch, const lia_targets *targets,
                                     lia_simulated *out, lia_why *why);
/* Events that nodes lack, at the last look; a node that is silent counts as one. */
long long lia_watch_behind(const lia_watch *watch);
/* Stops, then looks without a pause until nobody lacks anything, for a minute at most. */
void lia_watch_settle(lia_watch *watch);
/* Ends the thread and frees. Fine on zeroes. */
void lia_watch_close(lia_watch *watch);

#endif
