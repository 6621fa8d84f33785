/* SPDX-License-Identifier: Apache-2.0 */
/* place - the mark in the log by which a start knows its own store again: which file it was in, and
 * whether it was closed. A copy that was put back is another file. Internal to common/node. */
#ifndef LIA_NODE_PLACE_H
#define LIA_NODE_PLACE_H

#include "common/store/log.h"

typedef struct lia_place {
    bool known;    /* there was a mark */
    bool closed;   /* in order; otherwise the last process was killed or lost power */
    bool restored; /* the store was in another file then, or was doubted and still is */
} lia_place;

/* Reads the mark of the log in the file at `path`. */
LIA_MUST_USE lia_err lia_place_read(lia_place *out, lia_log_reader *reader, const char *path);
/* Sets it, within a batch. */
LIA_MUST_USE lia_err lia_place_set(lia_log *log, const char *path, bool closed);
/* Notes, within a batch, that others may know of more in the own lane than the log holds (or that
 * this is over: it goes on in another lane). The note outlives restarts: a process that ends before
 * it has found out leaves the question to the next one. */
LIA_MUST_USE lia_err lia_place_doubt(lia_log *log, bool doubted);

#endif
