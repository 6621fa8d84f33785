/* SPDX-License-Identifier: Apache-2.0 */
/* joining - a store that was made empty does not know what the others hold until it has met them.
 * From its first start until all that was there then is here the node is joining: it takes commands,
 * and says that it knows less than the others. Internal to common/node; loop thread only. */
#ifndef LIA_NODE_JOINING_H
#define LIA_NODE_JOINING_H

#include "common/node/writer.h"

typedef struct lia_joining {
    bool joining;
    bool met; /* another member, in this process */
    int64_t began_ms;
    lia_writer *writer;
} lia_joining;

/* In the batch that makes the store, when the list has others. */
LIA_MUST_USE lia_err lia_joining_begin(lia_log *log);
LIA_MUST_USE lia_err lia_joining_read(lia_log_reader *reader, bool *joining);
/* In a later batch: it is over for good. */
LIA_MUST_USE lia_err lia_joining_end(lia_log *log);

/* Looks at what sync has learnt, as lia_rollback_look. */
void lia_joining_look(lia_joining *joining, const lia_sync *sync, int64_t now_ms);

#endif
