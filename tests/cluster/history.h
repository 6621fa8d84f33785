/* SPDX-License-Identifier: Apache-2.0 */
/* history - what a cluster answered, held against what its nodes then show.
 *
 * Drivers (history_drive.c) send commands whose text is a word used only once, repeat them under
 * their idempotency key until the outcome is known, and note every reply. Afterwards each node's
 * events and records are read, and every promise that was broken is told with command, reply and
 * node. Fed by lines, so that a test can doctor any of them. */
#ifndef LIA_TESTS_CLUSTER_HISTORY_H
#define LIA_TESTS_CLUSTER_HISTORY_H

#include <stdio.h>

#include "common/base/err.h"

typedef struct lia_history lia_history;

typedef struct lia_history_counts {
    size_t commands, acknowledged, refused, unknown, replies, events, records;
} lia_history_counts;

/* NULL when there is no memory. */
lia_history *lia_history_open(void);
void lia_history_close(lia_history *history);

/* One line each; LIA_EINVAL when it is no such line.
 * A reply: {"node", "worker", "token", "kind", "field", "try", "status", "position", "record"}; an
 * event: the data of one event of GET /events of `node`, in its order; a record of that kind as
 * `node` shows it in lists. */
LIA_MUST_USE lia_err lia_history_reply(lia_history *history, lia_span line);
LIA_MUST_USE lia_err lia_history_event(lia_history *history, const char *node, lia_span line);
LIA_MUST_USE lia_err lia_history_record(lia_history *history, const char *node, const char *kind,
                                        lia_span line);

/* Writes each broken promise as a line (the first `most` of them) and returns how many there are:
 *   - an acknowledged command is at every node, as one event, at the position that was told;
 *   - one that was refused is nowhere, one of unknown outcome at most once, everywhere or nowhere;
 *   - nothing is there that nobody asked for;
 *   - the same key is always answered alike;
 *   - a worker's later command has a later position at the same node;
 *   - numbers of an origin are 1..n, once each, in order, and at every node the same events;
 *   - an accepted hand-over was answered once and made one deal;
 *   - every acknowledged record is in the lists, once. */
size_t lia_history_check(lia_history *history, size_t most, FILE *to);
void lia_history_count(const lia_history *history, lia_history_counts *out);

/* ---- driving --------------------------------------------------------------------------------- */

typedef struct lia_drive {
    const char *node, *url; /* "sales", "http://127.0.0.1:27100" */
    const char *replies;    /* the file that is appended to */
    const char *stop;       /* ends when this file exists */
    const char *shared;     /* id of a customer that everybody changes; NULL: none */
    unsigned run;           /* the how many-th of this node: words and keys are never used twice */
    unsigned workers;
    unsigned pause_ms;   /* between a worker's commands */
    unsigned timeout_ms; /* of one try */
} lia_drive;

/* Returns when the last worker has ended. LIA_EIO: the file can't be written. */
LIA_MUST_USE lia_err lia_history_drive(const lia_drive *drive, lia_why *why);

#endif
