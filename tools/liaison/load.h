/* SPDX-License-Identifier: Apache-2.0 */
/* load - records of one kind to a node in bulk: rows are gathered into batches, sent over a flight,
 * and each row's fate is told. Order within a batch is kept, batches may overtake one another. */
#ifndef LIA_LIAISON_LOAD_H
#define LIA_LIAISON_LOAD_H

#include "common/base/id.h"
#include "tools/liaison/flight.h"

/* One record. All is borrowed for the call that it is given to. */
typedef struct lia_load_row {
    uint64_t line; /* where it came from */
    uint64_t ref;  /* the caller's */
    lia_span text; /* as it came, for error files; may be empty */
    lia_span key;  /* natural key, 1 to 200 bytes: the same key creates nothing twice */
    lia_span json; /* the record, without line ends */
} lia_load_row;

typedef struct lia_load_result {
    uint64_t line, ref;
    lia_span text;
    lia_id id;         /* of the record; none when it failed */
    const char *error; /* a sentence; NULL: it is there */
} lia_load_result;

typedef void lia_load_done(void *context, const lia_load_result *result);

typedef struct lia_load_totals {
    uint64_t created, repeated, failed;
} lia_load_totals;

typedef struct lia_load lia_load;

/* `plural` and `totals` (which is added to) are borrowed until close. `done` may be NULL.
 *   LIA_EFULL   no memory */
LIA_MUST_USE lia_err lia_load_open(lia_load **out, lia_flight *flight, const char *plural,
                                   lia_load_totals *totals, lia_load_done *done, void *context,
                                   lia_why *why);
/* Rows that were not flushed are dropped; the flight must not be waited for any more unless all
 * were. NULL is fine. */
void lia_load_close(lia_load *load);

/* Errors are those of the whole run: the node is gone, or takes no such batches. A record that the
 * node refuses is no error here but a result. */
LIA_MUST_USE lia_err lia_load_add(lia_load *load, const lia_load_row *row, lia_why *why);
/* Sends what is gathered, without waiting for the answer. */
LIA_MUST_USE lia_err lia_load_send(lia_load *load, lia_why *why);
/* Sends it and waits until all rows of this load have their result. */
LIA_MUST_USE lia_err lia_load_flush(lia_load *load, lia_why *why);

#endif
