/* SPDX-License-Identifier: Apache-2.0 */
/* node_inner - a node between the files that make it: node.c is what the loop thread asks of it,
 * node_open.c opens and closes it. */
#ifndef LIA_NODE_NODE_INNER_H
#define LIA_NODE_NODE_INNER_H

#include "common/node/feed.h"
#include "common/node/node.h"
#include "common/node/place.h"

struct lia_node_watch {
    void (*committed)(void *, uint64_t);
    void *context;
    struct lia_node_watch *next;
};

struct lia_node {
    lia_node_options options;
    lia_membership membership;
    const lia_member *member;
    lia_origin self;
    lia_place place;
    bool has_signer;       /* the log says with which key its lane is signed */
    lia_features features; /* on when it was opened */
    bool joining;          /* it was made empty, and the others were not all heard since */
    bool has_past; /* the store is not new: others may know more of its lane than this disk */
    char log_path[1200], erasures_path[1100], fold_path[1200];
    lia_log *log;
    lia_views *views;
    lia_writer *writer;
    lia_feed *feed;
    lia_log_reader *reader;     /* of the loop thread; rests between reads */
    const lia_catalog *catalog; /* the loop thread's; held */
    size_t reading;             /* reads under way */
    uv_async_t woken;
    bool woken_open;
    lia_node_watch *watches;
    lia_outbox *outbox;
    void (*closed)(void *);
    void *closed_context;
};

/* ---- node.c --------------------------------------------------------------------------------- */

/* Any thread: something was committed. */
void lia_node_wake(void *node);
/* The loop takes over what was. */
void lia_node_woken(uv_async_t *async);
/* The writer's catalog becomes the loop thread's. */
void lia_node_take_catalog(lia_node *node);

#endif
