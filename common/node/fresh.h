/* SPDX-License-Identifier: Apache-2.0 */
/* fresh - what the log says today of the records of some buckets: the same fold as the views', done
 * once more beside them, in memory, event after event. Whatever row of those records is another one
 * in the views is wrong there. Internal to common/node; writer thread only.
 *
 * Each row belongs to one bucket of the digests, so that a part of the views can be judged alone:
 * the rows of a record, its index, reference and timeline rows to the record's, an event's note to
 * that of its command. */
#ifndef LIA_NODE_FRESH_H
#define LIA_NODE_FRESH_H

#include "common/node/base.h"

typedef struct lia_fresh {
    lia_views *views; /* never written out: no byte of a customer reaches the disk a second time */
    lia_applier applier;
    lia_buckets buckets;
    uint8_t base[LIA_BASE_KEY_MAX]; /* rows of base up to this key are folded */
    size_t base_size;
    bool base_done;
    uint64_t steps;
    uint64_t whole;  /* blocks up to this arrival were looked at */
    uint64_t folded; /* arrival of the last event */
} lia_fresh;

/* Begins with no event. `dir` is a folder that nobody else uses; `arena` is reset for each event.
 */
LIA_MUST_USE lia_err lia_fresh_open(lia_fresh *fresh, const char *dir, const lia_buckets *buckets,
                                    lia_arena *arena, lia_why *why);
/* Fine on zeroes. */
void lia_fresh_close(lia_fresh *fresh);

/* Folds the next row of base, or behind the last one the next event of the log. An event that
 * cannot be read is passed over, as the views did when they met it. LIA_EFULL  more rows than
 * memory is kept for: take fewer buckets */
LIA_MUST_USE lia_err lia_fresh_next(lia_fresh *fresh, lia_log_reader *log);

/* Whether a row, of the views or of these, belongs to one of the buckets. Digests, erasures and
 * departments' own folds belong to none. */
bool lia_fresh_has(const lia_fresh *fresh, lia_log_reader *log, lia_span key, lia_span row);

#endif
