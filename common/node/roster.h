/* SPDX-License-Identifier: Apache-2.0 */
/* roster - puts member lists into force while the node runs: sync at once, the bus a moment later,
 * so that those who leave can still be told. Owns the bus. Internal to common/node; loop thread only.
 *
 *     a peer, or HTTP --list--> checked, on the disk --> sync --150 ms--> bus: doors, links, keys
 *
 *     this node is out             no command is taken, the bus is closed
 *     other CURVE key, own address the bus is closed and opened anew
 *     other signing key            the own lane goes on under a new incarnation
 *
 * A bus that cannot be opened anew (the new address is taken) is tried again every second. */
#ifndef LIA_NODE_ROSTER_H
#define LIA_NODE_ROSTER_H

#include "common/bus/bus.h"
#include "common/node/membership.h"
#include "common/node/rollback.h"

typedef struct lia_roster {
    lia_membership *membership;
    lia_bus_options options;
    lia_sync *sync;
    lia_rollback *rollback;
    uint8_t readers[LIA_READERS_MAX][LIA_CURVE_KEY_SIZE]; /* what options.readers points to */
    lia_bus *bus; /* NULL: closed for the moment, or for good */
    bool reopening;
    uint64_t epoch;       /* of the list that the bus has in force, too */
    bool reopen;          /* with the next list for the bus */
    int64_t due_ms;       /* when the bus takes the list; 0: it has it */
    int64_t retry_ms, look_ms;
    bool sync_behind;     /* sync found no memory for the list in force: it is told again */
    const lia_members *had; /* what the bus has */
    uint8_t *heard;       /* a list that a peer told, taken when sync has returned */
    size_t heard_size;
    lia_why why;          /* why the bus is closed */
    uv_timer_t end;       /* never started: what closing takes when there is no bus */
    void (*closed)(void *context);
    void *closed_context;
} lia_roster;

/* Opens the bus by the list in force. All is borrowed. `bus` is completed. Errors of lia_bus_open. */
LIA_MUST_USE lia_err lia_roster_open(lia_roster *roster, lia_membership *membership,
                                     const lia_bus_options *bus, lia_sync *sync,
                                     lia_rollback *rollback, lia_why *why);
/* Closes the bus, then calls `closed`. */
void lia_roster_close(lia_roster *roster, void (*closed)(void *context), void *context);

/* The list in force as sync wants it; borrows from the membership and *scratch. */
typedef struct lia_roster_list {
    lia_sync_member members[LIA_MEMBERS_MAX];
    lia_sync_former former[LIA_FORMER_MAX];
} lia_roster_list;
lia_sync_members lia_roster_members(const lia_membership *membership, lia_roster_list *scratch);

/* Tools that may subscribe, from now on. */
void lia_roster_set_readers(lia_roster *roster, const uint8_t (*keys)[LIA_CURVE_KEY_SIZE],
                            size_t count, int64_t now_ms);

/* A peer's list, from inside of sync: false when it is none. Acted on by the next look. */
bool lia_roster_heard(lia_roster *roster, lia_span list);
/* Takes a list that was heard. */
void lia_roster_look(lia_roster *roster, int64_t now_ms);
/* Takes a list.   Errors as lia_membership_take */
LIA_MUST_USE lia_err lia_roster_take(lia_roster *roster, lia_span list, int64_t now_ms, lia_why *why);
/* This node is about to be removed by that list: takes no commands any more, so that the others can
 * fetch what it has. Ends with the process, or with a list that has it as a member.   LIA_EINVAL  the list does not remove it; as above */
LIA_MUST_USE lia_err lia_roster_drain(lia_roster *roster, lia_span list, lia_why *why);
void lia_roster_tick(lia_roster *roster, int64_t now_ms);

#endif
