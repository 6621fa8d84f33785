/* SPDX-License-Identifier: Apache-2.0 */
/* cluster - which records are one customer, from what connects them and holds them apart. Given the
 * same members and edges, in any order, every node gets the same clusters.
 *
 *   1. What people said comes first: their links join, unless people also said that two of those
 *      joined are not the same.
 *   2. Rules link in the order of their scores. A link is not followed where it would join two
 *      sets that anybody holds apart, or make a set of more than LIA_CLUSTER_MAX.
 *   3. A record that rules link to one and link, or might link, to another, where rules hold those
 *      two apart, is linked to neither by rules: a mailbox without a name that two people have.
 *
 * A customer is called by its oldest member. Nothing is written, so taking an edge away and
 * computing again is all that unlinking needs. */
#ifndef LIA_IDENTITY_CLUSTER_H
#define LIA_IDENTITY_CLUSTER_H

#include "common/base/arena.h"
#include "common/base/hlc.h"
#include "common/base/id.h"

/* Rules do not make a customer of more records; people may. */
#define LIA_CLUSTER_MAX 32

typedef enum lia_edge_fate {
    LIA_EDGE_USED,      /* joined two sets, or lies within one; of what holds apart: it does */
    LIA_EDGE_OPEN,      /* a question that is still one */
    LIA_EDGE_HELD,      /* would join what is held apart: for people to see */
    LIA_EDGE_FULL,      /* would make too large a set */
    LIA_EDGE_AMBIGUOUS, /* see 3 */
    LIA_EDGE_OVERRULED  /* a not-same mark of rules, or a person's link that other people's words
                           beat */
} lia_edge_fate;

typedef enum lia_edge_kind {
    LIA_EDGE_APART, /* not the same */
    LIA_EDGE_LINK,
    LIA_EDGE_MAYBE /* a question: never followed, but see 3 */
} lia_edge_kind;

/* What speaks for or against two records being one customer; the pair is unordered. */
typedef struct lia_edge {
    lia_id a, b;
    lia_edge_kind kind;
    bool person; /* said by a person, else by a rule or score */
    int32_t score;
    lia_edge_fate fate; /* out */
} lia_edge;

typedef struct lia_cluster_member {
    lia_id id;
    lia_hlc created;
    lia_id customer; /* out: the oldest member of its cluster */
} lia_cluster_member;

/* Computes the clusters of one connected component (or of several at once). Sorts both arrays: the
 * members by id, the edges in the order in which they count. Edges to records that are not members
 * and from a record to itself are held to say nothing (LIA_EDGE_OVERRULED). Memory is about 40
 * bytes for a member and 10 for an edge. LIA_EFULL   the arena */
LIA_MUST_USE lia_err lia_cluster_make(lia_cluster_member *members, size_t member_count,
                                      lia_edge *edges, size_t edge_count, lia_arena *arena);

#endif
