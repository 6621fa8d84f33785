/* SPDX-License-Identifier: Apache-2.0 */
/* membership - the member list that is in force at this node and the node's own keys: what is on
 * the disk, and which list may follow. Internal to common/node; loop thread only.
 *
 *     DIR/members   or, when this node has learnt a later one,   DIR/<name>/members
 *     DIR/<name>/node.keys, .next, .former    see common/bus/members.h
 *
 * A list that is taken is on the disk before anything else happens, and the keys follow it: which of
 * the key files counts is told by the list, also after a crash in between. */
#ifndef LIA_NODE_MEMBERSHIP_H
#define LIA_NODE_MEMBERSHIP_H

#include "common/bus/members.h"

/* Own keys under which others may know this node still, or already. */
#define LIA_SPARE_KEYS_MAX 2

typedef struct lia_membership {
    const char *dir;
    const lia_members *list; /* in force. Another one at each change: those before live on, since other
                              * threads may be reading them */
    struct lia_kept_list *kept;
    lia_member self;  /* the own entry, as it last was */
    uint8_t *bytes;   /* the list as it was signed */
    size_t size;
    lia_node_keys keys; /* in use */
    lia_node_keys spares[LIA_SPARE_KEYS_MAX];
    size_t spare_count;
    bool removed;        /* the list in force is without this node, or has keys that are not here */
    int64_t next_keys_ms; /* when node.keys.next was last changed; 0: there is none */
} lia_membership;

/* What a list that was taken changes for this node. */
typedef struct lia_membership_change {
    bool removed;  /* this node is out */
    bool curve;    /* it has another CURVE key */
    bool sign;     /* it has another signing key */
    bool moved;    /* one of its own addresses is another */
} lia_membership_change;

/* Reads list and keys of the member `name` (borrowed like `dir`).
 *   LIA_EABSENT  there is no such member     LIA_EDENIED  the keys are not those of the list, or the
 *   list is not signed    errors of reading */
LIA_MUST_USE lia_err lia_membership_open(lia_membership *out, const char *dir, const char *name,
                                         lia_why *why);
/* Wipes the keys. Zeroes are fine. */
void lia_membership_fini(lia_membership *membership);

/* Whether these bytes are a list that may follow the one in force; *out is it.
 *   LIA_EEXIST   it is the one in force, or an earlier one
 *   LIA_EDENIED, LIA_EINVAL  it is none, or breaks a rule; `why` names the place */
LIA_MUST_USE lia_err lia_membership_check(const lia_membership *membership, lia_span bytes,
                                          lia_members *out, lia_why *why);
/* Checks it and puts it into force: list and keys on the disk and in here.
 *   as above; LIA_EIO  the disk does not take it; nothing changed */
LIA_MUST_USE lia_err lia_membership_take(lia_membership *membership, lia_span bytes,
                                         lia_membership_change *change, lia_why *why);
/* Looks whether new keys were laid down beside the present ones; true when the spares changed. */
bool lia_membership_look(lia_membership *membership);
/* All others know the present keys: those before are destroyed. True when there were any. */
bool lia_membership_forget_former(lia_membership *membership);

#endif
