/* SPDX-License-Identifier: Apache-2.0 */
/* rollback - finds out that the disk was rolled back to an older state, before or after this node
 * has written on, and makes sure that no number of the own lane is ever used twice. Internal to
 * common/node; loop thread only.
 *
 *                    all peers heard, or 2 s                      nobody knows more
 *     start --> ASKING ------------------------------------------------------> OPEN
 *                 |  somebody holds more of the own lane                         |
 *                 v                                                              v  the same, later
 *              CATCHING --> the tail is here, or does not come, or is another --> RENEWING --> OPEN
 *
 * No command is taken outside of OPEN. RENEWING writes on under a new incarnation: whoever could not
 * be asked may know even more of the old one. */
#ifndef LIA_NODE_ROLLBACK_H
#define LIA_NODE_ROLLBACK_H

#include "common/node/writer.h"

typedef enum lia_rollback_state {
    LIA_ROLLBACK_OPEN,
    LIA_ROLLBACK_ASKING,
    LIA_ROLLBACK_CATCHING,
    LIA_ROLLBACK_RENEWING
} lia_rollback_state;

typedef struct lia_rollback {
    lia_rollback_state state;
    lia_writer *writer;
    lia_origin self;
    bool restored;    /* the store's file is not the one that was closed here */
    bool forked;      /* somebody has another history of the own lane; not acted on yet */
    int64_t since_ms; /* asking; or without progress */
    int64_t began_ms;
    bool heard;       /* by all, also whom they have erased; or the time for it is up */
    uint64_t head;    /* of the own lane, when it last grew */
    unsigned renewals;
    bool rekey; /* the next renewal is with another signing key: */
    lia_sign_key key;
} lia_rollback;

/* The words that commands are refused with while the node asks. */
#define LIA_ROLLBACK_ASKING_TEXT                                                                   \
    "this node has just started and asks the others whether its disk is complete; try again in a " \
    "moment"

/* Begins asking; the writer must have been opened as held. */
void lia_rollback_begin(lia_rollback *rollback, bool restored, int64_t now_ms);
/* Looks at what sync has learnt: after each frame, tick and commit. */
void lia_rollback_look(lia_rollback *rollback, const lia_sync *sync, int64_t now_ms);
/* A peer has another history of this lane. Acted on by the next look. */
void lia_rollback_forked(lia_rollback *rollback, lia_origin origin);
/* The node signs with another key from now on, in a lane of its own: as soon as it is sure of the one
 * that it writes now. Acted on by the next look. */
void lia_rollback_rekey(lia_rollback *rollback, const lia_sign_key *key);
/* The writer goes on as `self`. */
void lia_rollback_renewed(lia_rollback *rollback, lia_origin self);

#endif
