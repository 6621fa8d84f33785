/* SPDX-License-Identifier: Apache-2.0 */
/* feed_inner - a feed between the files that make it: feed.c lives on the loop, feed_ops.c is what
 * sync asks of it. */
#ifndef LIA_NODE_FEED_INNER_H
#define LIA_NODE_FEED_INNER_H

#include "common/node/feed.h"
#include "common/node/hold.h"
#include "common/node/joining.h"
#include "common/node/rollback.h"
#include "common/node/roster.h"
#include "common/node/skew.h"

struct lia_feed {
    lia_feed_options options;
    lia_roster roster; /* owns the bus */
    lia_sync *sync;
    lia_log_reader *reader;
    lia_span events[LIA_BLOCK_EVENTS_MAX]; /* of the block being read for sync */
    uv_timer_t tick;
    uv_idle_t publishing;
    uint64_t commit; /* number of the last one that sync was told of */
    lia_holds holds;
    lia_rollback rollback;
    lia_joining joining;
    lia_skew skew;
    uint64_t features_on, features_asked; /* as sync knows; of the writer */
    bool outdated;                        /* the others use what would be misread here */
    bool acked; /* somebody acknowledged more of the own lane, during the call under way */
    uint64_t published, visible; /* arrivals */
    size_t erased;               /* customers that sync was told of */
    uint64_t boot;
    lia_arena part;      /* of the state that is read for a peer */
    bool no_memory;      /* for the part that came in, during the call under way */
    int64_t held_ms;     /* when the writer is told next what all members hold */
    int64_t spare_ms;    /* until then it is told that they hold nothing */
    lia_heard_fn *heard; /* words of peers; NULL: nobody listens */
    void *heard_context;
    void (*closed)(void *);
    void *closed_context;
    int closing; /* handles still to be closed */
};

/* feed_ops.c: the context is the feed. */
extern const lia_sync_ops lia_feed_ops;

#endif
