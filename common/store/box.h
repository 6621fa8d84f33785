/* SPDX-License-Identifier: Apache-2.0 */
/* box - what a node keeps for itself beside its log: rows under keys, flushed at each commit. What
 * is in it is neither replicated nor derived, so it is for what may be lost with the disk: how far
 * a receiver of events has come, which deliveries were tried.
 *
 * One LMDB environment. One thread writes, any thread reads. Values are copied out. */
#ifndef LIA_STORE_BOX_H
#define LIA_STORE_BOX_H

#include "common/base/arena.h"

typedef struct lia_box lia_box;

/* Opens the box in `dir`, creating both when absent. A file that is damaged or of another version
 * is replaced by an empty one. LIA_EBUSY  LIA_EIO  LIA_EFULL  as lia_log_open */
LIA_MUST_USE lia_err lia_box_open(lia_box **out, const char *dir, size_t map_bytes,
                                  uint32_t version, lia_why *why);
/* Forgets what was not committed. NULL is fine. */
void lia_box_close(lia_box *box);

/* Writing joins the batch under way, which lia_box_commit makes durable; keys have 1 to 200 bytes.
 * An absent key may be deleted. After an error the batch is broken: drop it. LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_box_put(lia_box *box, lia_span key, lia_span value);
LIA_MUST_USE lia_err lia_box_delete(lia_box *box, lia_span key);
/* Fine when nothing was written. After an error the batch is gone; what the disk holds is as of an
 * earlier commit, or this one. */
LIA_MUST_USE lia_err lia_box_commit(lia_box *box, lia_why *why);
void lia_box_drop(lia_box *box);

/* The writing thread's own read, the batch under way included; the value lives in the arena.
 *   LIA_EABSENT  LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_box_get(lia_box *box, lia_span key, lia_arena *arena, lia_span *value);

/* Of the last commit: rows whose key begins with `prefix`, the highest first, behind `before`
 * (empty: from the end), until `each` returns false. Spans are valid within the call. Any thread.
 *   LIA_EFULL  LIA_EIO */
LIA_MUST_USE lia_err lia_box_walk(lia_box *box, lia_span prefix, lia_span before,
                                  bool (*each)(void *context, lia_span key, lia_span value),
                                  void *context);

#endif
