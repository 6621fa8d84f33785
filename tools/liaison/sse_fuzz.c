/* SPDX-License-Identifier: Apache-2.0 */
/* Any cut of a stream gives the same events: once whole, once byte by byte. */
#include "common/base/assert.h"
#include "tools/liaison/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool note(void *context, const lia_sse_event *event)
{
    uint64_t *sum = context;
    for (size_t i = 0; i < event->data_size; i++) *sum = *sum * 31 + (uint8_t)event->data[i];
    for (const char *at = event->id; *at; at++) *sum = *sum * 37 + (uint8_t)*at;
    for (const char *at = event->name; *at; at++) *sum = *sum * 41 + (uint8_t)*at;
    *sum = *sum * 43 + 1;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole = 0, bytes = 0;
    lia_sse sse;
    lia_sse_init(&sse, note, &whole);
    lia_sse_feed(&sse, (const char *)data, size);
    lia_sse_fini(&sse);
    lia_sse_init(&sse, note, &bytes);
    for (size_t i = 0; i < size; i++) lia_sse_feed(&sse, (const char *)data + i, 1);
    lia_sse_fini(&sse);
    lia_assert(whole == bytes);
    return 0;
}
