/* SPDX-License-Identifier: Apache-2.0 */
/* log_copy - a log's rows as they lie, for a copy that is as good as the log: a backup takes them
 * out and puts them into an empty log. Arrival numbers stay, so what counts in them stays right. */
#ifndef LIA_STORE_LOG_COPY_H
#define LIA_STORE_LOG_COPY_H

#include "common/store/log.h"

/* In the order in which they are put back; numbers are part of the backup's format. */
typedef enum lia_copy_table {
    LIA_COPY_LANE = 1,
    LIA_COPY_REACTOR,
    LIA_COPY_JOB, /* what is found by a job's key follows from it */
    LIA_COPY_META,
    LIA_COPY_BLOCK,
    LIA_COPY_EVENT,
    LIA_COPY_BASE,
    LIA_COPY_KEPT,
    LIA_COPY_END
} lia_copy_table;

/* Called with each row; what it gets borrows the map until it returns. False: enough. */
typedef bool lia_copy_row(void *context, lia_span key, lia_span value);

/* All rows of a table from `from` on (empty: from the first), in the order of their keys. The
 * reader must be awake. The file's own rows of meta are left out. */
LIA_MUST_USE lia_err lia_log_copy_walk(lia_log_reader *reader, lia_copy_table table, lia_span from,
                                       lia_copy_row *row, void *context);

/* Whether a row can be one of that table: sizes of key and value. */
bool lia_log_copy_fits(lia_copy_table table, lia_span key, lia_span value);

/* Sets a row in the batch under way. The log's own counts do not follow: commit, and open it anew.
 *   LIA_EINVAL  it does not fit; otherwise as lia_log_append */
LIA_MUST_USE lia_err lia_log_copy_put(lia_log *log, lia_copy_table table, lia_span key,
                                      lia_span value);

/* The row of a lane and of a block as they lie, and back; LIA_ECORRUPT when it is none. */
#define LIA_COPY_LANE_SIZE 50
void lia_log_copy_lane(const lia_lane_info *info, uint8_t row[LIA_COPY_LANE_SIZE]);
LIA_MUST_USE lia_err lia_log_copy_lane_read(lia_span row, lia_lane_info *out);
LIA_MUST_USE lia_err lia_log_copy_block_read(lia_span key, lia_span row, lia_block *out);

#endif
