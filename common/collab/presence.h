/* SPDX-License-Identifier: Apache-2.0 */
/* presence - who looks at which record, at all nodes, from moment to moment. Nothing of it is an
 * event: it is in no log and no store, and gone with the process. Pure: time comes in, words for
 * the other nodes go out, and what they say is believed for as long as they say it.
 *
 *     look, leave (people here) --> table --word--> other nodes: what changed at once, all each
 *     hear (words of peers) ----->  table           LIA_PRESENCE_BEAT_MS
 *                                     |--changed--> whoever tells people
 *
 * A lost word is made up for by the next beat; of a node that says nothing any more everybody is
 * gone after LIA_PRESENCE_PEER_MS. Memory is bounded: so many of this node, and as many of each
 * peer, whatever it says. */
#ifndef LIA_COLLAB_PRESENCE_H
#define LIA_COLLAB_PRESENCE_H

#include "common/base/buf.h"
#include "common/base/id.h"

typedef struct lia_presence lia_presence;

#define LIA_PRESENCE_NODE_MAX   1024 /* looks at one node: a hundred bytes each */
#define LIA_PRESENCE_USER_MAX   32   /* of one person at a node: their open tabs */
#define LIA_PRESENCE_PLACE_MAX  64   /* at one record, of one peer */
#define LIA_PRESENCE_MS_MIN     5000
#define LIA_PRESENCE_MS_MAX     60000
#define LIA_PRESENCE_BEAT_MS    10000
#define LIA_PRESENCE_PEER_MS    (3 * LIA_PRESENCE_BEAT_MS)
#define LIA_PRESENCE_TICK_MS    100
#define LIA_PRESENCE_WORD_LOOKS 200 /* in one word */

/* A record that people look at. */
typedef struct lia_spot {
    uint16_t kind;
    lia_id record;
} lia_spot;

typedef struct lia_look {
    lia_spot place;
    lia_id user;
    lia_id named;     /* what they call the record (a customer has several names); stays here */
    uint32_t field;   /* that they are editing; 0: none */
    bool hidden;      /* nobody is told */
    int64_t until_ms; /* monotonic; said again, it counts longer */
} lia_look;

/* Somebody who looks, at however many nodes and tabs. */
typedef struct lia_looker {
    lia_id user;
    uint32_t field;
    int64_t since_ms; /* monotonic */
} lia_looker;

/*   LIA_EFULL */
LIA_MUST_USE lia_err lia_presence_open(lia_presence **out);
void lia_presence_close(lia_presence *presence);

/* Somebody at this node looks, or goes on looking. Who looks at more than LIA_PRESENCE_USER_MAX
 * records does not look at the one any more that ran out first.
 *   LIA_EFULL  too many look at something here, or memory */
LIA_MUST_USE lia_err lia_presence_look(lia_presence *presence, const lia_look *look,
                                       int64_t now_ms);
/* And does not any more. */
void lia_presence_leave(lia_presence *presence, const lia_spot *place, lia_id user);

/* Who looks at it, hidden ones left out; of each person once, those who came first first. At most
 * `max`, of which those at this node are never crowded out by others. */
size_t lia_presence_at(const lia_presence *presence, const lia_spot *place, int64_t now_ms,
                       lia_looker *out, size_t max);
/* What that person calls it who looks at it at this node, hidden or not; none when they do not. */
lia_id lia_presence_named(const lia_presence *presence, const lia_spot *place, lia_id user,
                          int64_t now_ms);
/* What a person looks at, at this node: at most `max`. Walks over everything. */
size_t lia_presence_places(const lia_presence *presence, lia_id user, int64_t now_ms, lia_spot *out,
                           size_t max);

/* A word of a peer; anything may be in it. What is malformed or too much is passed over. */
void lia_presence_hear(lia_presence *presence, uint16_t peer, lia_span word, int64_t now_ms);

/* Time passes; call it about each LIA_PRESENCE_TICK_MS. False when nobody looks at anything, here
 * or elsewhere, and there is nothing to say: then it need not be called until that changes. */
bool lia_presence_tick(lia_presence *presence, int64_t now_ms);
/* The next word for the other nodes: empty when there is nothing to say, or `out` is full (then it
 * is said later). At most LIA_SYNC_WORD_MAX bytes. */
lia_span lia_presence_word(lia_presence *presence, int64_t now_ms, lia_buf *out);
/* Takes a record whose lookers are others than when it was last taken; false when there is none.
 * Only of records that somebody looks at still. */
bool lia_presence_changed(lia_presence *presence, lia_spot *out);

/* How many looks are held, of all nodes. */
size_t lia_presence_count(const lia_presence *presence);

#endif
