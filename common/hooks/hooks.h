/* SPDX-License-Identifier: Apache-2.0 */
/* hooks - delivers events to webhooks: those whose node this is, by a thread of its own.
 *
 *     loop thread                         the hooks' thread
 *     commit ------------- wake -------->  which webhooks are there? (views)
 *     test, replay -- request ---------->  events behind each cursor (log) --filter, rights--> POST
 *     <--- order: stop, mark (command) --  2xx: cursor on; else again later, in order
 *                                          cursor and attempts --> box, some ms later
 *
 * At least once: a cursor moves when the receiver has said yes, and what a crash takes back is sent
 * again under the same webhook-id. A webhook's events are told in the order of arrival at this
 * node, one after the other unless it asks for several at once. A receiver that fails holds back
 * its own webhook only. Loop thread, but where it says otherwise. */
#ifndef LIA_HOOKS_HOOKS_H
#define LIA_HOOKS_HOOKS_H

#include "common/hooks/keep.h"
#include "common/node/node.h"

typedef struct lia_hooks lia_hooks;

typedef struct lia_hooks_options {
    uv_loop_t *loop;
    lia_node *node;
    const char *dir;       /* for the box; made when absent */
    bool to_private;       /* deliver to addresses that are not of the public internet, too */
    int64_t retry_base_ms; /* 0: LIA_RETRY_BASE_MS */
    int64_t give_up_ms;    /* 0: LIA_RETRY_GIVE_UP_MS */
    int64_t mark_ms;       /* between two marks of a webhook; 0: a minute */
    uint32_t timeout_ms;   /* of a delivery; 0: 15 s */
} lia_hooks_options;

/* Starts delivering. Errors as of lia_box_open, or LIA_EFULL. */
LIA_MUST_USE lia_err lia_hooks_open(lia_hooks **out, const lia_hooks_options *options,
                                    lia_why *why);
/* Ends the thread, keeps what was done, frees, then calls `closed`. Before the node is closed. */
void lia_hooks_close(lia_hooks *hooks, void (*closed)(void *), void *context);

/* How a webhook is doing here. */
typedef struct lia_hook_status {
    lia_id id;
    bool active; /* enabled, and not about to be stopped */
    lia_hook_state state;
    uint64_t visible; /* arrivals that are there to be told */
    size_t under_way;
} lia_hook_status;
/* False when it is not delivered by this node, or not known yet. */
bool lia_hooks_status(lia_hooks *hooks, lia_id webhook, lia_hook_status *out);

/* The last attempts, newest first, as lia_keep_attempts. Any thread. */
LIA_MUST_USE lia_err lia_hooks_attempts(lia_hooks *hooks, lia_id webhook, uint64_t before,
                                        size_t max, lia_attempt *out, size_t *count);

/* Sends a test, once. LIA_EABSENT: not delivered by this node; LIA_EFULL: too much waits. */
LIA_MUST_USE lia_err lia_hooks_test(lia_hooks *hooks, lia_id webhook);
/* Tells the arrivals `from` ... `until` again, beside what is new and with the same ids. A replay
 * that is under way is replaced. Errors as above. */
LIA_MUST_USE lia_err lia_hooks_replay(lia_hooks *hooks, lia_id webhook, uint64_t from,
                                      uint64_t until);

typedef struct lia_hooks_stats {
    uint64_t delivered, failed;
    uint64_t skipped; /* events that a receiver refused for days, and others not */
    size_t hooks, under_way;
} lia_hooks_stats;
/* Any thread. */
void lia_hooks_get_stats(lia_hooks *hooks, lia_hooks_stats *out);

#endif
