/* SPDX-License-Identifier: Apache-2.0 */
/* segment - who belongs. A segment is a filter over customers; a membership record says for one
 * customer and one segment whether it holds, and is written only when that changes.
 *
 *     a customer's record changed  --> follow: that customer, all live segments
 *     a segment made or changed    --> walk: all customers, that segment, a chunk at a time
 *
 * Both decide by the present state of record and filter, so they may cross. An archived segment has
 * no members, and an archived customer belongs to none. */
#ifndef LIA_MARKETING_SEGMENT_H
#define LIA_MARKETING_SEGMENT_H

#include "common/node/turn.h"
#include "proto/marketing.pb-c.h"

/* Name of the job that walks. Its key is the segment, its payload the last customer done. */
#define LIA_SEGMENT_WALK "segment.walk"

/* Most customers looked at, and most memberships written, in one run of the job. */
enum { LIA_SEGMENT_WALK_MAX = 500, LIA_SEGMENT_WRITES_MAX = 200 };

/* Fails with the parser's sentence when the filter does not parse. */
LIA_MUST_USE lia_err lia_segment_check(lia_turn *turn, const Marketing__Segment *segment);

/* The membership of a customer in a segment: always the same id. */
lia_id lia_membership_id(lia_id segment, lia_id customer);

/* Filters are parsed once and kept. This forgets them: when the node is ready, and when a segment
 * has changed. */
LIA_MUST_USE lia_err lia_segments_forget(lia_turn *turn);

/* Writes the memberships of one customer that have changed. */
LIA_MUST_USE lia_err lia_segments_follow(lia_turn *turn, lia_id customer);

/* Begins to look at all customers anew. */
LIA_MUST_USE lia_err lia_segment_begin_walk(lia_turn *turn, lia_id segment);

/* The body of the job. */
LIA_MUST_USE lia_err lia_segment_walk(lia_turn *turn, lia_id segment, lia_span payload);

#endif
