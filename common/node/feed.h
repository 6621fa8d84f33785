/* SPDX-License-Identifier: Apache-2.0 */
/* feed - joins sync, bus and log on the loop thread: frames in, blocks to the writer, heads back,
 * committed events out to subscribers. Internal to common/node. */
#ifndef LIA_NODE_FEED_H
#define LIA_NODE_FEED_H

#include "common/node/membership.h"
#include "common/node/writer.h"

typedef struct lia_feed lia_feed;

typedef struct lia_feed_options {
    const int64_t *wall_offset_ms; /* see lia_node_options */
    uv_loop_t *loop;
    const char *listen;         /* as in lia_bus_options */
    lia_membership *membership; /* borrowed; later lists are taken into it */
    lia_origin self;
    lia_log *log;
    lia_writer *writer;
    uint64_t agree_ms; /* between two comparisons with a peer; 0: default */
    uint64_t features_on; /* as the store says */
    bool retires;  /* the writer wants to know what all members hold */
    uint64_t inspect_ms; /* between two passes over the log; 0: default */
    bool asks;     /* the writer is held until peers say that the own lane is complete */
    bool joining; /* as lia_joining */
    bool restored; /* the store was put back or moved */
} lia_feed_options;

LIA_MUST_USE lia_err lia_feed_open(lia_feed **out, const lia_feed_options *options, lia_why *why);
/* Closes bus and sync, frees, then calls `closed`. */
void lia_feed_close(lia_feed *feed, void (*closed)(void *), void *context);

/* New heads and refused blocks, after a commit; publishes the new events up to `visible`. */
void lia_feed_committed(lia_feed *feed, const lia_outbox *outbox, uint64_t visible);

/* As lia_node_spare. */
void lia_feed_spare(lia_feed *feed, int64_t ms);
/* As lia_node_joining. */
bool lia_feed_is_joining(const lia_feed *feed, bool *met);
/* Whether the others were heard since the start, or have not answered in time. */
bool lia_feed_has_heard(const lia_feed *feed);

/* As lia_node_holders, lia_node_hold, lia_node_release. */
size_t lia_feed_holders(const lia_feed *feed, lia_position position);
void lia_feed_hold(lia_feed *feed, lia_hold *hold);
void lia_feed_release(lia_feed *feed);

/* The import of state that is under way; false when there is none. */
bool lia_feed_import(lia_feed *feed, lia_sync_import_status *out);

/* A member list from outside, as lia_membership_take; then as lia_node_list_epoch and
 * lia_node_refused. */
LIA_MUST_USE lia_err lia_feed_offer(lia_feed *feed, lia_span list, lia_why *why);
LIA_MUST_USE lia_err lia_feed_drain(lia_feed *feed, lia_span list, lia_why *why);
uint64_t lia_feed_epoch(const lia_feed *feed);
/* As lia_node_set_readers. */
void lia_feed_set_readers(lia_feed *feed, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE], size_t count);
/* As lia_node_listen, lia_node_say. */
void lia_feed_listen(lia_feed *feed, lia_heard_fn *heard, void *context);
void lia_feed_say(lia_feed *feed, lia_span word);

bool lia_feed_refused(const lia_feed *feed, uint16_t peer);
/* LIA_OK when the bus is open. */
lia_err lia_feed_bus(const lia_feed *feed, lia_why *why);

size_t lia_feed_lanes(const lia_feed *feed, lia_sync_lane_status *out, size_t max);
void lia_feed_inspection(const lia_feed *feed, lia_sync_inspection *out);
size_t lia_feed_peers(const lia_feed *feed, lia_sync_peer_status *out, size_t max);
size_t lia_feed_holdings(const lia_feed *feed, lia_origin origin, lia_sync_holding *out,
                         size_t max);

#endif
