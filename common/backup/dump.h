/* SPDX-License-Identifier: Apache-2.0 */
/* dump - takes a log's rows out for a backup while the log is written, in steps, each of which
 * reads the newest commit for some milliseconds. What is of one moment (heads, timers, positions)
 * comes first and whole; the events up to that moment follow, which never change but by an erasure.
 *
 *     state -> blocks -> events -> base, kept (of a full one)
 *
 * An increment needs no base: what leaves the log merges events that the pieces before have. */
#ifndef LIA_BACKUP_DUMP_H
#define LIA_BACKUP_DUMP_H

#include "common/base/buf.h"
#include "common/store/log_copy.h"

typedef struct lia_dump {
    uint64_t from, to; /* arrivals */
    bool full, done;
    int phase;
    lia_lane lane, lanes; /* of the blocks under way */
    uint8_t after[80];    /* the key of the row that was last taken, and a zero behind it */
    size_t after_size;
    uint64_t gap;             /* where events were missing when it began */
    uint64_t in_blocks, seen; /* events that blocks speak of, and that were taken */
} lia_dump;

/* Begins with the events that arrived at `from` or later (1 or less: with all, in full), and
 * appends the state. A log that has lost what came since is begun in full, too. LIA_EFULL  more
 * timers than a part holds; `why` tells     errors of reading */
LIA_MUST_USE lia_err lia_dump_begin(lia_dump *out, lia_log_reader *reader, uint64_t from,
                                    lia_buf *rows, lia_why *why);

/* Appends about `bytes` more; `done` tells when there are none left.
 *   LIA_ECONFLICT  the log was shortened meanwhile: begin anew     otherwise as above */
LIA_MUST_USE lia_err lia_dump_step(lia_dump *dump, lia_log_reader *reader, size_t bytes,
                                   lia_buf *rows, lia_why *why);

#endif
