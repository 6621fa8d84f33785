/* SPDX-License-Identifier: Apache-2.0 */
/* exporter - takes spans from all threads and gives them to a collector, as OTLP/HTTP on a thread
 * of its own, by libcurl. Whoever hands one over waits for a lock and a copy, never for the
 * network: what the queue has no room for, and what no collector takes, is dropped and counted. */
#ifndef LIA_TRACE_EXPORTER_H
#define LIA_TRACE_EXPORTER_H

#include "common/base/trace.h"

/* Spans that wait, about 1.3 kB each. */
#define LIA_EXPORTER_QUEUE_MAX 2048
/* Spans of one request. */
#define LIA_EXPORTER_BATCH_MAX 256

typedef struct lia_exporter lia_exporter;

typedef struct lia_exporter_options {
    const char *endpoint; /* "http://127.0.0.1:4318"; /v1/traces follows. Copied, as all texts */
    const char *headers;  /* as lia_exporter_set_headers; NULL: none */
    const char *ca_file;  /* certificates to trust; NULL: the system's */
    const char *service;  /* as lia_otlp_source */
    const char *instance;
    double ratio;     /* as lia_trace_sink */
    uint32_t wait_ms; /* how long the first span of a request waits for others; 0: a second */
} lia_exporter_options;

typedef struct lia_exporter_stats {
    uint64_t sent;     /* spans that a collector has taken */
    uint64_t dropped;  /* that none will */
    uint64_t failures; /* requests that failed */
    size_t waiting;
} lia_exporter_stats;

/* Takes the process's spans from now on (lia_trace_to); there is one at a time.
 *   LIA_EFULL; LIA_EINVAL as lia_exporter_set_headers */
LIA_MUST_USE lia_err lia_exporter_open(lia_exporter **out, const lia_exporter_options *options,
                                       lia_why *why);
/* What the collector wants to hear beside each request, as a token: lines "Name: value"; empty ones
 * and those that begin with # are left out. Any thread; counts from the next request on.
 *   LIA_EINVAL   a line is no header, or one that is ours to set (Content-*, Host, Expect,
 *                Transfer-Encoding): `why` names its number, never what it says
 *   LIA_EFULL */
LIA_MUST_USE lia_err lia_exporter_set_headers(lia_exporter *exporter, const char *lines,
                                              lia_why *why);
/* Takes none any more, and no thread may be handing one over; tries for two seconds to send what
 * waits, and frees. NULL is fine. */
void lia_exporter_close(lia_exporter *exporter);

/* Any thread. */
void lia_exporter_get_stats(lia_exporter *exporter, lia_exporter_stats *out);

#endif
