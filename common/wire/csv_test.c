/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "common/wire/csv.h"
#include "tests/support/test.h"

/* What came out, as text: "1:a|b\n" a row that begins in line 1, "!line 2, ...\n" an error. */
typedef struct outcome {
    char text[4096];
    size_t size;
    size_t rows, stop_after; /* stop_after 0: never */
} outcome;

static void note(outcome *out, const char *text, size_t size)
{
    CHECK(out->size + size < sizeof out->text);
    memcpy(out->text + out->size, text, size);
    out->size += size;
    out->text[out->size] = 0;
}

static lia_err note_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    outcome *out = context;
    char head[32];
    note(out, head, (size_t)snprintf(head, sizeof head, "%llu:", (unsigned long long)line));
    for (size_t i = 0; i < count; i++) {
        if (i) note(out, "|", 1);
        if (cells[i].size) note(out, (const char *)cells[i].data, cells[i].size);
    }
    note(out, "\n", 1);
    return ++out->rows == out->stop_after ? LIA_EBUSY : LIA_OK;
}

static void note_error(outcome *out, const lia_why *why)
{
    note(out, "!", 1);
    note(out, why->text, strlen(why->text));
    note(out, "\n", 1);
}

/* Feeds in pieces of `piece` bytes. */
static void read_all(outcome *out, char delimiter, lia_span input, size_t piece)
{
    lia_csv_reader *reader;
    *out = (outcome){0};
    CHECK_OK(lia_csv_open(&reader, delimiter, note_row, out));
    while (input.size) {
        lia_span part = lia_span_make(input.data, input.size < piece ? input.size : piece);
        size_t used;
        lia_why why = {""};
        if (lia_csv_feed(reader, part, &used, &why)) note_error(out, &why);
        input = lia_span_skip(input, used);
    }
    lia_why why = {""};
    if (lia_csv_end(reader, &why)) note_error(out, &why);
    lia_csv_close(reader);
}

TEST(rows_and_errors_do_not_depend_on_how_the_input_is_cut)
{
    static const struct {
        const char *input, *want;
    } cases[] = {
        {"a,b\r\nc,d\r\n", "1:a|b\n2:c|d\n"},
        {"a,b\nc,d", "1:a|b\n2:c|d\n"},
        {"a,b\r\nc,d\r", "1:a|b\n2:c|d\n"},
        {"\xef\xbb\xbf"
         "a,b\n",
         "1:a|b\n"},
        {"\xef\xbb"
         "a\n",
         "1:\xef\xbb"
         "a\n"},
        {"\xef\xbb\xbf", ""},
        {"\xef", "1:\xef\n"},
        {"", ""},
        {"\n\r\na\n\n", "3:a\n"},
        {",\n", "1:|\n"},
        {"a,\n,b\n", "1:a|\n2:|b\n"},
        {"\"a,b\",\"c\"\"d\",\"\"\n", "1:a,b|c\"d|\n"},
        {"\"\"\n", "1:\n"},
        {"\"two\nlines\",x\ny\n", "1:two\nlines|x\n3:y\n"},
        {"\"two\r\nlines\"\r\ny\r\n", "1:two\r\nlines\n3:y\n"},
        {"a,b\"c\nd\n", "!line 1, column 2: a quote inside an unquoted cell\n2:d\n"},
        {"x\n\"a\"b,c\nd\n", "1:x\n!line 2, column 1: text after the closing quote\n3:d\n"},
        {"a\rb\nc\n", "!line 1, column 1: a carriage return without a line feed\n2:c\n"},
        {"\"a\nb\"x\nc\n", "!line 2, column 1: text after the closing quote\n3:c\n"},
        {"x\ny,\"never\nclosed", "1:x\n!line 2, column 2: the input ends inside quotes\n"},
        {"a\"", "!line 1, column 1: a quote inside an unquoted cell\n"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span input = lia_span_text(cases[i].input);
        for (size_t piece = 1; piece <= input.size + 1; piece++) {
            outcome out;
            read_all(&out, ',', input, piece);
            CHECK_TEXT(out.text, cases[i].want);
        }
    }
}

TEST(the_delimiter_may_be_another_character_but_no_quote_or_line_end)
{
    outcome out;
    read_all(&out, ';', LIA_SPAN("a,b;c\n"), 100);
    CHECK_TEXT(out.text, "1:a,b|c\n");
    read_all(&out, '\t', LIA_SPAN("a b\tc\n"), 100);
    CHECK_TEXT(out.text, "1:a b|c\n");
    lia_csv_reader *reader;
    CHECK_ERR(lia_csv_open(&reader, '"', note_row, NULL), LIA_EINVAL);
    CHECK_ERR(lia_csv_open(&reader, '\n', note_row, NULL), LIA_EINVAL);
    lia_csv_close(NULL);
}

TEST(a_row_of_too_many_columns_or_bytes_is_skipped)
{
    static uint8_t wide[LIA_CSV_COLUMNS_MAX + 4], is_long[LIA_CSV_ROW_BYTES_MAX + 4];
    outcome out;
    memset(wide, ',', sizeof wide);
    memcpy(wide + LIA_CSV_COLUMNS_MAX, "\nab\n", 4);
    read_all(&out, ',', lia_span_make(wide, sizeof wide), 7);
    CHECK_TEXT(out.text, "!line 1, column 513: the row has more than 512 columns\n2:ab\n");
    memset(is_long, 'x', sizeof is_long);
    memcpy(is_long + LIA_CSV_ROW_BYTES_MAX + 1, "\na\n", 3);
    read_all(&out, ',', lia_span_make(is_long, sizeof is_long), 100000);
    CHECK_TEXT(out.text, "!line 1, column 1: the row is longer than 1 MiB\n2:a\n");
}

TEST(a_caller_who_stops_may_go_on_behind_the_row)
{
    outcome out = {.stop_after = 1};
    lia_csv_reader *reader;
    size_t used;
    lia_span input = LIA_SPAN("a\nb\n");
    CHECK_OK(lia_csv_open(&reader, ',', note_row, &out));
    CHECK_ERR(lia_csv_feed(reader, input, &used, NULL), LIA_EBUSY);
    CHECK_EQ(used, 2);
    CHECK_OK(lia_csv_feed(reader, lia_span_skip(input, used), &used, NULL));
    CHECK_TEXT(out.text, "1:a\n2:b\n");
    lia_csv_close(reader);
}

TEST(written_rows_read_back)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_buf bytes = lia_buf_make(&arena);
    const lia_span one[] = {LIA_SPAN("a;b"), LIA_SPAN("say \"hi\""), LIA_SPAN("x\ny"),
                            LIA_SPAN("")};
    const lia_span two[] = {LIA_SPAN("")};
    lia_csv_put_row(&bytes, ';', one, LIA_COUNT(one));
    lia_csv_put_row(&bytes, ';', two, LIA_COUNT(two));
    CHECK_BYTES(lia_buf_get(&bytes), LIA_SPAN("\"a;b\";\"say \"\"hi\"\"\";\"x\ny\";\r\n\"\"\r\n"));
    outcome out;
    read_all(&out, ';', lia_buf_get(&bytes), 3);
    CHECK_TEXT(out.text, "1:a;b|say \"hi\"|x\ny|\n3:\n");
    lia_arena_fini(&arena);
}

TEST(a_cell_that_begins_with_a_byte_order_mark_is_written_so_that_it_stays)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_buf bytes = lia_buf_make(&arena);
    const lia_span row[] = {LIA_SPAN("\xef\xbb\xbf" "a"), LIA_SPAN("b")};
    lia_csv_put_row(&bytes, ',', row, LIA_COUNT(row));
    outcome out;
    read_all(&out, ',', lia_buf_get(&bytes), 1);
    CHECK_TEXT(out.text, "1:\xef\xbb\xbf" "a|b\n");
    lia_arena_fini(&arena);
}
