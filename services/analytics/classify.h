/* SPDX-License-Identifier: Apache-2.0 */
/* classify - keeps every customer's class in their record, a little at a time.
 *
 *                 a purchase: within a second
 *     idle ----------------------------------------> MARKED: those with a mark, by the last
 *      ^                                                |     thresholds
 *      |  nothing has changed                           |  enough has changed, or no thresholds yet
 *      '--------- SCORING <--------- MEASURING <--------'
 *                 everybody,         everybody's tallies
 *                 by the new ones    into new thresholds
 *
 * A purchase moves the thresholds a little, and with them, now and then, somebody else's class. So
 * whenever something has changed everybody is measured and scored again, at most so often that it
 * takes about one per cent of the writer's time: every second for up to 10,000 customers, every ten
 * for 100,000. When buying stops, the last round has seen all of it, and the classes are those of
 * the final thresholds whatever the order of events was.
 *
 * One durable job carries this. Where it stands is kept in memory only: after a restart the round
 * begins anew, and rows that are right already cost nothing. */
#ifndef LIA_ANALYTICS_CLASSIFY_H
#define LIA_ANALYTICS_CLASSIFY_H

#include "common/node/turn.h"

#define LIA_CLASSIFY_JOB "analytics.classify"

/* Most rows read, and most customers written, in one run of the job. */
enum { LIA_CLASSIFY_ROWS_MAX = 4000, LIA_CLASSIFY_WRITES_MAX = 200 };

/* Forgets where it stood and sets the job: when the node is ready. */
LIA_MUST_USE lia_err lia_classify_begin(lia_turn *turn);

/* Takes note of a purchase or return; sees to it that the job runs soon. */
LIA_MUST_USE lia_err lia_classify_note(lia_turn *turn);

/* The body of the job. */
LIA_MUST_USE lia_err lia_classify_run(lia_turn *turn, lia_id key, lia_span payload);

/* How long after one round over all `customers` the next may begin. */
int64_t lia_classify_pause_ms(uint32_t customers);

#endif
