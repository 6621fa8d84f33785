/* SPDX-License-Identifier: Apache-2.0 */
/* api_batch_line - one line of a batch becomes a command, if whoever asks may send it. */
#ifndef LIA_HTTP_API_BATCH_LINE_H
#define LIA_HTTP_API_BATCH_LINE_H

#include "common/http/api_inner.h"

/* :batchCreate: the record, or {"idempotency_key", "record"}. The arena keeps the request.
 *   LIA_EINVAL  LIA_EDENIED  `why` says what is wrong with it */
LIA_MUST_USE lia_err lia_batch_read_new(const lia_call *call, lia_arena *arena, lia_span line,
                                        lia_command *command, lia_why *why);

/* :batchChange: {"id", "record"} changes the fields that are named, {"id", "archived"} puts away or
 * brings back; each with "if_match" (a version) and "idempotency_key", if wanted.
 *   LIA_EABSENT  no such record, or none that they may see */
LIA_MUST_USE lia_err lia_batch_read_change(const lia_call *call, lia_arena *arena, lia_span line,
                                           lia_command *command, lia_why *why);

#endif
