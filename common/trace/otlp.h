/* SPDX-License-Identifier: Apache-2.0 */
/* otlp - spans as OTLP/HTTP has them in its JSON encoding (opentelemetry.io/docs/specs/otlp,
 * ExportTraceServiceRequest): names in lowerCamelCase, ids as hexadecimal text, 64-bit numbers as
 * text. Pure. */
#ifndef LIA_TRACE_OTLP_H
#define LIA_TRACE_OTLP_H

#include "common/base/buf.h"
#include "common/base/trace.h"

/* Whose spans they are. */
typedef struct lia_otlp_source {
    const char *service;  /* "liaison-sales" */
    const char *instance; /* the member's name */
} lia_otlp_source;

/* Writes one request. Spans say when they were by lia_time_ticks_ns; `unix_less_ticks_ns` is what makes
 * it the time of day. */
void lia_otlp_put(lia_buf *out, const lia_otlp_source *source, const lia_traced *spans,
                  size_t count, uint64_t unix_less_ticks_ns);

/* Room that `count` spans need at most. */
size_t lia_otlp_bound(size_t count);

#endif
