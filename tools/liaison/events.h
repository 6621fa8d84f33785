/* SPDX-License-Identifier: Apache-2.0 */
/* events - a node's stream of events over HTTP. */
#ifndef LIA_LIAISON_EVENTS_H
#define LIA_LIAISON_EVENTS_H

#include "tools/liaison/out.h"
#include "tools/liaison/sse.h"

typedef struct lia_events {
    const lia_target *target;
    const char *query;   /* "topic=deal&from=start", or "" */
    lia_sse sse;         /* sse.id is the position; filled before, it is where the stream resumes */
    volatile bool *stop; /* set by a signal; may be NULL */
} lia_events;

/* Reads until the stream ends, on_event has had enough, or *stop. After an error the position
 * tells where to go on.
 *   LIA_ECLOSED  on_event had enough, or *stop     LIA_OK  the node ended the stream
 *   LIA_EIO, LIA_EBUSY  try again                  others: as lia_client_refused */
LIA_MUST_USE lia_err lia_events_read(lia_events *events, lia_why *why);

/* One event for people on a terminal, or as its JSON on one line. */
void lia_event_show(const lia_sse_event *event, bool as_json);

#endif
