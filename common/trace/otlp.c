/* SPDX-License-Identifier: Apache-2.0 */
#include "common/trace/otlp.h"

#include "common/wire/json.h"

/* A text of n bytes has at most 6 n in JSON. */
#define SPAN_BYTES_MAX                                                                             \
    (1024 + 6 * (LIA_TRACED_NAME_SIZE + LIA_TRACE_STATE_MAX) +                                     \
     LIA_TRACED_NOTES_MAX * (128 + 6 * LIA_TRACED_TEXT_SIZE))

size_t lia_otlp_bound(size_t count)
{
    return 4096 + count * SPAN_BYTES_MAX;
}

static void put_text(lia_buf *out, const char *name, const char *text)
{
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, lia_span_text(text));
}

static void put_hex(lia_buf *out, const char *name, const uint8_t *bytes, size_t size)
{
    char text[2 * LIA_TRACE_ID_SIZE + 1];
    lia_trace_hex(bytes, size, text);
    lia_buf_format(out, ",\"%s\":\"%s\"", name, text);
}

static void put_attribute(lia_buf *out, bool first, const char *key, const char *text)
{
    lia_buf_format(out, "%s{\"key\":\"%s\",\"value\":{\"stringValue\":", first ? "" : ",", key);
    lia_json_put_text(out, lia_span_text(text));
    lia_buf_text(out, "}}");
}

static void put_notes(lia_buf *out, const lia_traced *traced)
{
    lia_buf_text(out, ",\"attributes\":[");
    for (size_t i = 0; i < traced->note_count; i++) {
        const lia_traced_note *note = &traced->notes[i];
        if (note->is_text)
            put_attribute(out, i == 0, note->name, note->text);
        else
            lia_buf_format(out, "%s{\"key\":\"%s\",\"value\":{\"intValue\":\"%lld\"}}",
                           i ? "," : "", note->name, (long long)note->number);
    }
    lia_buf_byte(out, ']');
}

static void put_link(lia_buf *out, const lia_trace *link)
{
    char id[2 * LIA_TRACE_ID_SIZE + 1], span[2 * LIA_TRACE_SPAN_SIZE + 1];
    if (lia_trace_is_none(link)) return;
    lia_trace_hex(link->id, sizeof link->id, id);
    lia_trace_hex(link->span, sizeof link->span, span);
    lia_buf_format(out, ",\"links\":[{\"traceId\":\"%s\",\"spanId\":\"%s\"}]", id, span);
}

static bool has_parent(const lia_traced *traced)
{
    static const uint8_t none[LIA_TRACE_SPAN_SIZE];
    return memcmp(traced->parent, none, sizeof none) != 0;
}

static void put_span(lia_buf *out, const lia_traced *traced, uint64_t unix_less_ticks_ns)
{
    lia_buf_format(out, "{\"kind\":%d", (int)traced->kind);
    put_hex(out, "traceId", traced->trace.id, LIA_TRACE_ID_SIZE);
    put_hex(out, "spanId", traced->trace.span, LIA_TRACE_SPAN_SIZE);
    if (has_parent(traced)) put_hex(out, "parentSpanId", traced->parent, LIA_TRACE_SPAN_SIZE);
    if (traced->state[0]) put_text(out, "traceState", traced->state);
    put_text(out, "name", traced->name);
    lia_buf_format(out, ",\"startTimeUnixNano\":\"%llu\",\"endTimeUnixNano\":\"%llu\"",
                   (unsigned long long)(traced->began_ns + unix_less_ticks_ns),
                   (unsigned long long)(traced->ended_ns + unix_less_ticks_ns));
    put_notes(out, traced);
    put_link(out, &traced->link);
    if (traced->failed) lia_buf_text(out, ",\"status\":{\"code\":2}");
    lia_buf_byte(out, '}');
}

void lia_otlp_put(lia_buf *out, const lia_otlp_source *source, const lia_traced *spans,
                  size_t count, uint64_t unix_less_ticks_ns)
{
    lia_buf_text(out, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
    put_attribute(out, true, "service.namespace", "liaison");
    put_attribute(out, false, "service.name", source->service);
    put_attribute(out, false, "service.instance.id", source->instance);
    put_attribute(out, false, "service.version", LIA_VERSION);
    lia_buf_text(out, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"liaison\"},\"spans\":[");
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(out, ',');
        put_span(out, &spans[i], unix_less_ticks_ns);
    }
    lia_buf_text(out, "]}]}]}");
}
