/* SPDX-License-Identifier: Apache-2.0 */
/* trail - who looked at whose data, kept in files beside the node's store.
 *
 *     any thread   lia_trail_note --> memory --+
 *     own thread   every second, or when much waits: one block, one flush --> 00000007.trail
 *
 * Noting costs a lock and a copy, never the disk. A crash loses what was noted in the last second;
 * a full or failing disk loses entries too, which are counted, and the trail says how many when it
 * can write again. Files are cut at LIA_TRAIL_FILE_BYTES; the oldest go when there are too many
 * bytes or they are too old. */
#ifndef LIA_AUDIT_TRAIL_H
#define LIA_AUDIT_TRAIL_H

#include "common/audit/entry.h"

#define LIA_TRAIL_FILE_BYTES ((size_t)4 << 20)
/* Some four million looks. */
#define LIA_TRAIL_BYTES_MAX  ((uint64_t)256 << 20)
#define LIA_TRAIL_AGE_MS_MAX (400 * LIA_DAY_MS)
#define LIA_TRAIL_FLUSH_MS   1000

typedef struct lia_trail lia_trail;

typedef struct lia_trail_options {
    const char *dir;    /* made when absent */
    uint64_t bytes_max; /* 0: LIA_TRAIL_BYTES_MAX */
    int64_t age_ms_max; /* 0: LIA_TRAIL_AGE_MS_MAX */
} lia_trail_options;

/* Opens, and goes on in a new file behind those that are there. LIA_EIO: the folder cannot be made
 * or read; LIA_EFULL: memory or threads. */
LIA_MUST_USE lia_err lia_trail_open(lia_trail **out, const lia_trail_options *options,
                                    lia_why *why);
/* Writes what waits, and frees. NULL is fine. */
void lia_trail_close(lia_trail *trail);

/* Notes a look; the same one again within the second only counts up. Its time is read here. NULL
 * is fine: nothing is noted. Any thread. */
void lia_trail_note(lia_trail *trail, const lia_audit_entry *entry);

/* Waits until all that was noted before is in the file, or could not be written. Not on the loop.
 */
void lia_trail_flush(lia_trail *trail);

typedef struct lia_trail_stats {
    uint64_t noted, lost;
} lia_trail_stats;
void lia_trail_get_stats(lia_trail *trail, lia_trail_stats *out);

/* ---- reading --------------------------------------------------------------------------------- */

/* A place in the trail: entries before it are older. */
typedef struct lia_trail_place {
    uint64_t segment, offset;
} lia_trail_place;
#define LIA_TRAIL_NEWEST ((lia_trail_place){UINT64_MAX, UINT64_MAX})

/* Most files that one call looks through. */
#define LIA_TRAIL_FILES_MAX 8

/* Looks backwards from *place: each entry goes to `take`, until it answers false: then it has not
 * taken that one. Spans are valid inside only. *place is then where to go on, *more whether there
 * may be older ones. What a crash cut off is passed over. Any thread but the loop.
 *   LIA_EFULL  memory     LIA_EIO  a file cannot be read */
LIA_MUST_USE lia_err lia_trail_read(const lia_trail *trail, lia_trail_place *place, bool *more,
                                    bool (*take)(void *context, const lia_audit_entry *entry),
                                    void *context);

#endif
