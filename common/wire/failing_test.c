/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends anywhere between bytes and structs: an error or the whole answer, never half of one.
 */
#include "common/wire/csv.h"
#include "common/wire/filter.h"
#include "common/wire/json.h"
#include "common/wire/record.h"
#include "tests/support/failing.h"

static const unsigned all = LIA_FAIL_HEAP | LIA_FAIL_ARENA;

/* What a scenario gets right when nothing fails; later runs must get the same. */
typedef struct answer {
    uint8_t bytes[4096];
    size_t size;
} answer;

static lia_err same(answer *first, lia_span got)
{
    CHECK(got.size > 0 && got.size <= sizeof first->bytes);
    if (!first->size) {
        memcpy(first->bytes, got.data, got.size);
        first->size = got.size;
    }
    CHECK_BYTES(got, lia_span_make(first->bytes, first->size));
    return LIA_OK;
}

/* Runs `make` in an arena of its own and compares what it made. */
typedef lia_err (*maker)(lia_arena *arena, lia_buf *out);
typedef struct scenario {
    maker make;
    answer first;
} scenario;

static lia_err run(void *context)
{
    scenario *what = context;
    lia_arena arena;
    lia_err err = lia_arena_init(&arena, 4 << 20);
    if (err) return err;
    lia_buf out = lia_buf_make(&arena);
    err = what->make(&arena, &out);
    if (!err && out.failed) err = LIA_EFULL;
    if (!err) err = same(&what->first, lia_buf_get(&out));
    lia_arena_fini(&arena);
    return err;
}

static size_t try_all(maker make)
{
    scenario what = {.make = make};
    CHECK_OK(run(&what));
    return lia_failing_each(run, &what, all);
}

#define ADA                                                                                        \
    "{\"name\":\"Ada "                                                                             \
    "\\u00e9\",\"tags\":[\"vip\",\"late\"],\"emails\":[{\"value\":\"ada@x.example\","              \
    "\"label\":\"work\"}],\"country\":\"PT\",\"preferred_channel\":\"chat\",\"birthday\":"         \
    "\"1980-02-29T00:00:00Z\"}"

static lia_err ada(lia_arena *arena, lia_span *message)
{
    lia_json_object read;
    lia_why why;
    lia_err err = lia_json_read(&read, lia_kind_find(LIA_CUSTOMER)->message, LIA_JSON_CREATE,
                                LIA_SPAN(ADA), arena, &why);
    if (!err) *message = read.message;
    if (err == LIA_EINVAL) print_error("%s\n", why.text);
    if (err) CHECK_EQ(err, LIA_EFULL);
    return err;
}

static lia_err json_both_ways(lia_arena *arena, lia_buf *out)
{
    lia_span message;
    lia_err err = ada(arena, &message);
    if (!err) lia_json_put_message(out, lia_kind_find(LIA_CUSTOMER)->message, message);
    return err;
}

TEST(json_is_read_and_written_whole_or_not_at_all)
{
    CHECK(try_all(json_both_ways) > 20);
}

static lia_err put_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    (void)line;
    lia_csv_put_row(context, ';', cells, count);
    return LIA_OK;
}

static lia_err csv_again(lia_arena *arena, lia_buf *out)
{
    static const char text[] = "name,note\r\nAda,\"a \"\"b\"\"\r\nc\"\r\nMei,last";
    (void)arena;
    lia_csv_reader *reader;
    size_t consumed;
    lia_err err = lia_csv_open(&reader, ',', put_row, out);
    if (err) return err;
    for (size_t at = 0; !err && at < sizeof text - 1; at += 7) {
        size_t size = sizeof text - 1 - at < 7 ? sizeof text - 1 - at : 7;
        err = lia_csv_feed(reader, lia_span_make(text + at, size), &consumed, NULL);
    }
    if (!err) err = lia_csv_end(reader, NULL);
    lia_csv_close(reader);
    return err;
}

TEST(csv_is_read_whole_or_not_at_all)
{
    CHECK(try_all(csv_again) > 2);
}

static lia_err filter_holds(lia_arena *arena, lia_buf *out)
{
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    lia_filter *filter;
    lia_why why;
    lia_err err =
        lia_filter_parse(&filter, kind,
                         LIA_SPAN("name : \"Ada\" and (tags = \"vip\" or not country = \"PT\") and "
                                  "count(purchase, 90d) >= 0"),
                         arena, &why);
    if (err == LIA_EINVAL) print_error("%s\n", why.text);
    if (err) CHECK_EQ(err, LIA_EFULL);
    if (!err) lia_buf_text(out, "parsed");
    return err;
}

TEST(a_filter_is_parsed_or_refused_for_want_of_memory)
{
    CHECK(try_all(filter_holds) > 5);
}

static lia_err event_of(lia_arena *arena, const lia_op *op, lia_event *event)
{
    static const uint8_t salt[16] = "0123456789abcde";
    lia_header header = {.node = 1, .incarnation = 2, .seq = 3, .hlc = 4, .parts = 1};
    lia_buf bytes = lia_buf_make(arena);
    lia_err err = lia_event_build(&bytes, &header, op, 1, LIA_SPAN_NONE, salt);
    return err ? err : lia_event_parse(event, lia_buf_get(&bytes), arena, NULL);
}

/* The way of a write: JSON, the difference, an event, its join, a row, the row read. */
static lia_err write_a_record(lia_arena *arena, lia_buf *out)
{
    const lia_message *schema = lia_kind_find(LIA_CUSTOMER)->message;
    lia_record record = {0}, read;
    lia_op op = {.record = {"0123456789abcde"}, .kind = LIA_CUSTOMER};
    lia_span message;
    lia_event event;
    lia_buf row = lia_buf_make(arena);
    lia_err err = ada(arena, &message);
    if (!err) err = lia_record_diff(&record, schema, message, NULL, 0, 4, arena, &op);
    if (!err) err = event_of(arena, &op, &event);
    if (!err)
        err = lia_record_join_op(&record, &event.ops[0], lia_header_stamp(&event.header), arena);
    if (err) return err;
    lia_record_encode(&record, &row);
    if (row.failed) return LIA_EFULL;
    err = lia_record_decode(&read, lia_buf_get(&row), arena);
    if (!err) lia_record_message(&read, schema, out);
    return err;
}

TEST(a_write_is_whole_or_not_at_all)
{
    CHECK(try_all(write_a_record) > 20);
}
