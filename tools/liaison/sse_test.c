/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/sse.h"

#include <unistd.h>

#include "tests/support/test.h"
#include "tools/liaison/lines.h"

static char seen[512];

static bool note(void *context, const lia_sse_event *event)
{
    size_t at = strlen(seen);
    (void)context;
    snprintf(seen + at, sizeof seen - at, "[%s %s %s]", event->id, event->name, event->data);
    return strcmp(event->data, "stop") != 0;
}

TEST(events_do_not_depend_on_how_the_stream_is_cut)
{
    static const char stream[] = "retry: 2000\n\nid: 1\nevent: deal.won\ndata: {\"a\":1}\n\n"
                                 ":\n\nid: 2\r\ndata: x\r\ndata:y\r\n\r\nevent: none\n\n"
                                 "data: last\n\ndata: cut off\n";
    static const char want[] = "[1 deal.won {\"a\":1}][2  x\ny][2  last]";
    for (size_t step = 1; step < sizeof stream; step++) {
        lia_sse sse;
        seen[0] = 0;
        lia_sse_init(&sse, note, NULL);
        for (size_t at = 0; at + 1 < sizeof stream; at += step) {
            size_t left = sizeof stream - 1 - at;
            CHECK(lia_sse_feed(&sse, stream + at, left < step ? left : step));
        }
        CHECK_TEXT(seen, want);
        lia_sse_fini(&sse);
    }
}

TEST(a_reader_that_had_enough_ends_the_stream)
{
    static const char stream[] = "data: stop\n\ndata: more\n\n";
    lia_sse sse;
    seen[0] = 0;
    lia_sse_init(&sse, note, NULL);
    CHECK(!lia_sse_feed(&sse, stream, sizeof stream - 1));
    CHECK_TEXT(seen, "[  stop]");
    lia_sse_fini(&sse);
}

TEST(a_file_is_read_line_by_line_and_too_long_lines_are_told)
{
    char path[600];
    lia_lines lines;
    lia_span line;
    lia_why why = {{0}};
    snprintf(path, sizeof path, "%s/lines", lia_test_dir());
    FILE *file = fopen(path, "w");
    fputs("one\r\n\n", file);
    for (size_t i = 0; i < 3 * LIA_LINE_BYTES_MAX; i++) fputc('x', file);
    fputs("\nlast", file);
    fclose(file);
    CHECK_OK(lia_lines_open(&lines, path, &why));
    CHECK_OK(lia_lines_next(&lines, &line, &why));
    CHECK_BYTES(line, LIA_SPAN("one"));
    CHECK_OK(lia_lines_next(&lines, &line, &why));
    CHECK_EQ(line.size, 0);
    CHECK_ERR(lia_lines_next(&lines, &line, &why), LIA_EFULL);
    CHECK_TEXT(why.text, "line 3 is longer than 1048576 bytes");
    CHECK_OK(lia_lines_next(&lines, &line, &why));
    CHECK_BYTES(line, LIA_SPAN("last"));
    CHECK_EQ(lines.number, 4);
    CHECK_ERR(lia_lines_next(&lines, &line, &why), LIA_ECLOSED);
    lia_lines_close(&lines);
}
