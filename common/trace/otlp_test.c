/* SPDX-License-Identifier: Apache-2.0 */
#include "common/trace/otlp.h"

#include "common/base/crypto.h"
#include "common/wire/utf8.h"
#include "tests/support/test.h"

static lia_arena arena;

static lia_span put(const lia_traced *spans, size_t count)
{
    static const lia_otlp_source source = {"liaison-sales", "sales"};
    lia_arena_fini(&arena);
    CHECK_OK(lia_arena_init(&arena, 4 << 20));
    lia_buf out = lia_buf_make(&arena);
    lia_otlp_put(&out, &source, spans, count, 1000);
    CHECK(!out.failed && out.size <= lia_otlp_bound(count));
    return lia_buf_get(&out);
}

/* Whether texts end, have nothing in them that must be escaped, and brackets close in their order.
 * The collector of cluster.trace reads the rest. */
static bool is_whole(lia_span json)
{
    uint8_t open[32];
    size_t depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < json.size; i++) {
        uint8_t c = json.data[i];
        if (c < 0x20) return false;
        if (in_text) {
            if (c == '\\') i++;
            if (c == '"') in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (depth == sizeof open) return false;
            open[depth++] = c;
        } else if (c == '}' || c == ']') {
            if (!depth || open[--depth] != (c == '}' ? '{' : '[')) return false;
        } else if (!strchr(":,0123456789", c)) {
            return false;
        }
    }
    return !in_text && !depth && lia_utf8_valid(json);
}

static lia_traced one(void)
{
    lia_traced traced;
    lia_trace parent;
    CHECK_OK(lia_crypto_init());
    CHECK_OK(lia_trace_parse(LIA_SPAN("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                             &parent));
    lia_traced_begin(&traced, &parent, LIA_TRACED_CLIENT, "say \"%s\"", "hello");
    memcpy(traced.trace.span, "\1\2\3\4\5\6\7\x8", 8);
    traced.began_ns = 5;
    traced.ended_ns = UINT64_C(1790000000000000000);
    return traced;
}

TEST(a_span_is_written_as_the_protocol_has_it)
{
    lia_traced traced = one();
    CHECK_OK(lia_trace_parse(LIA_SPAN("00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01"),
                             &traced.link));
    strcpy(traced.state, "rojo=1");
    traced.failed = true;
    lia_traced_text(&traced, "http.route", LIA_SPAN("/a\n"));
    lia_traced_number(&traced, "liaison.seq", INT64_MAX);
    static const char want[] =
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":["
        "{\"key\":\"service.namespace\",\"value\":{\"stringValue\":\"liaison\"}},"
        "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"liaison-sales\"}},"
        "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"sales\"}},"
        "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"" LIA_VERSION "\"}}]},"
        "\"scopeSpans\":[{\"scope\":{\"name\":\"liaison\"},\"spans\":[{"
        "\"kind\":3,\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
        "\"spanId\":\"0102030405060708\",\"parentSpanId\":\"00f067aa0ba902b7\","
        "\"traceState\":\"rojo=1\",\"name\":\"say \\\"hello\\\"\","
        "\"startTimeUnixNano\":\"1005\",\"endTimeUnixNano\":\"1790000000000001000\","
        "\"attributes\":[{\"key\":\"http.route\",\"value\":{\"stringValue\":\"/a\\n\"}},"
        "{\"key\":\"liaison.seq\",\"value\":{\"intValue\":\"9223372036854775807\"}}],"
        "\"links\":[{\"traceId\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
        "\"spanId\":\"bbbbbbbbbbbbbbbb\"}],\"status\":{\"code\":2}}]}]}]}";
    lia_span got = put(&traced, 1);
    CHECK_BYTES(got, lia_span_text(want));
    CHECK(is_whole(got));
}

TEST(a_span_without_parent_state_links_or_failure_says_none)
{
    lia_traced traced = one();
    memset(traced.parent, 0, sizeof traced.parent);
    lia_span got = put(&traced, 1);
    static const char *const absent[] = {"parentSpanId", "traceState", "links", "status"};
    CHECK(is_whole(got) && memmem(got.data, got.size, "spanId", 6));
    for (size_t i = 0; i < LIA_COUNT(absent); i++)
        CHECK(!memmem(got.data, got.size, absent[i], strlen(absent[i])));
}

/* Bytes that are no text are replaced, and the bound holds for what is written longest. */
TEST(spans_of_the_worst_bytes_are_still_json_within_the_bound)
{
    enum { SPANS = 40 };
    static lia_traced spans[SPANS];
    for (size_t i = 0; i < SPANS; i++) {
        spans[i] = one();
        memset(spans[i].name, i % 2 ? 1 : 0xff, sizeof spans[i].name - 1);
        spans[i].name[sizeof spans[i].name - 1] = 0;
        memset(spans[i].state, 1, LIA_TRACE_STATE_MAX);
        spans[i].state[LIA_TRACE_STATE_MAX] = 0;
        for (int n = 0; n < LIA_TRACED_NOTES_MAX; n++) {
            uint8_t text[2 * LIA_TRACED_TEXT_SIZE];
            memset(text, n % 2 ? 2 : 0xfe, sizeof text);
            lia_traced_text(&spans[i], "http.response.status_code", LIA_SPAN_OF(text));
        }
    }
    CHECK(is_whole(put(spans, SPANS)));
    CHECK(is_whole(put(spans, 0)));
}
