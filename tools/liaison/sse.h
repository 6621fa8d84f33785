/* SPDX-License-Identifier: Apache-2.0 */
/* sse - reads Server-Sent Events (WHATWG HTML, 9.2) from pieces of any size. Pure. */
#ifndef LIA_LIAISON_SSE_H
#define LIA_LIAISON_SSE_H

#include "tools/liaison/client.h"

typedef struct lia_sse_event {
    const char *id;   /* the last one given; "" before the first */
    const char *name; /* "deal.won"; "" where none is given */
    const char *data; /* lines joined by line feeds */
    size_t data_size;
} lia_sse_event;

/* False: enough, the rest is not read. */
typedef bool lia_sse_fn(void *context, const lia_sse_event *event);

typedef struct lia_sse {
    lia_sse_fn *on_event;
    void *context;
    char id[128], name[96];
    lia_bytes line, data;
    bool after_cr, has_data;
} lia_sse;

void lia_sse_init(lia_sse *sse, lia_sse_fn *on_event, void *context);
void lia_sse_fini(lia_sse *sse);
/* Between two connections: forgets an event that was not complete. */
void lia_sse_reset(lia_sse *sse);

/* False when on_event had enough, or a line is longer than 4 MiB. */
bool lia_sse_feed(lia_sse *sse, const char *bytes, size_t size);

#endif
