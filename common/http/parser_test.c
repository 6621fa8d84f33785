/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/parser.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

#define HOST "Host: crm.local\r\n"
#define GET  "GET / HTTP/1.1\r\n" HOST
#define POST "POST /i HTTP/1.1\r\n" HOST

/* What a server may make of the bytes: a status it refuses with, more to come, or a request. */
enum { MORE = 0, TAKEN = 1 };

typedef struct verdict {
    int status;  /* negated, or MORE, or TAKEN */
    size_t size; /* of the whole message when it was taken */
    size_t body_size;
    uint8_t body[256];
} verdict;

typedef struct example {
    const char *name;
    lia_span bytes;
    int want;
} example;

#define CASE(name, text, want)                                                                     \
    {                                                                                              \
        name, {(const uint8_t *)("" text), sizeof(text) - 1}, want                                 \
    }

/* Every shape that servers have been seen to disagree about. */
static const example examples[] = {
    CASE("plain", GET "\r\n", TAKEN),
    CASE("absolute-form", "GET http://crm.local/a?b HTTP/1.1\r\n" HOST "\r\n", TAKEN),
    CASE("absolute-form without path", "GET HTTPS://crm.local HTTP/1.1\r\n" HOST "\r\n", TAKEN),
    CASE("absolute-form with user", "GET http://me@crm.local/ HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("absolute-form of another scheme", "GET ftp://crm.local/ HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("asterisk-form", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", TAKEN),
    CASE("asterisk-form of GET", "GET * HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("authority-form", "CONNECT crm.local:80 HTTP/1.1\r\n" HOST "\r\n", -501),
    CASE("relative target", "GET a HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("fragment", "GET /#a HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("backslash", "GET /a\\..\\b HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("eight-bit target", "GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("NUL in target", "GET /\0 HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("tab for a blank", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("two blanks", "GET  / HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("blank behind version", "GET / HTTP/1.1 \r\n" HOST "\r\n", -400),
    CASE("blank before method", " GET / HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("ill-named method", "G(T / HTTP/1.1\r\n" HOST "\r\n", -400),
    CASE("HTTP/0.9", "GET /\r\n\r\n", -400),
    CASE("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", TAKEN),
    CASE("HTTP/1.2", "GET / HTTP/1.2\r\n" HOST "\r\n", TAKEN),
    CASE("HTTP/1.10", "GET / HTTP/1.10\r\n" HOST "\r\n", -400),
    CASE("HTTP/3.1", "GET / HTTP/3.1\r\n" HOST "\r\n", -505),
    CASE("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", -505),
    CASE("lower-case version", "GET / http/1.1\r\n" HOST "\r\n", -400),
    CASE("TLS hello", "\x16\x03\x01\x02", -400),
    CASE("two empty lines first", "\r\n\r\n" GET "\r\n", TAKEN),
    CASE("three empty lines first", "\r\n\r\n\r\n" GET "\r\n", -400),
    CASE("bare LF first", "\n" GET "\r\n", -400),
    CASE("no Host", "GET / HTTP/1.1\r\n\r\n", -400),
    CASE("two Hosts", GET HOST "\r\n", -400),
    CASE("two Hosts in 1.0", "GET / HTTP/1.0\r\n" HOST HOST "\r\n", -400),
    CASE("empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", -400),
    CASE("Host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", -400),
    CASE("Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", -400),
    CASE("Host of IPv6", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", TAKEN),
    CASE("Host with a bad port", "GET / HTTP/1.1\r\nHost: a:8o\r\n\r\n", -400),
    CASE("two lengths that differ", POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", -400),
    CASE("two lengths alike", POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", -400),
    CASE("list of lengths", POST "Content-Length: 1, 1\r\n\r\na", -400),
    CASE("signed length", POST "Content-Length: +1\r\n\r\na", -400),
    CASE("negative length", POST "Content-Length: -1\r\n\r\na", -400),
    CASE("hexadecimal length", POST "Content-Length: 0x1\r\n\r\na", -400),
    CASE("empty length", POST "Content-Length: \r\n\r\n", -400),
    CASE("length beyond 64 bits", POST "Content-Length: 18446744073709551617\r\n\r\na", -413),
    CASE("length", POST "Content-Length: 3\r\n\r\nabc", TAKEN),
    CASE("chunked", POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", TAKEN),
    CASE("Chunked", POST "transfer-encoding:\tChunked \r\n\r\n0\r\n\r\n", TAKEN),
    CASE("chunked with length",
         POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", -400),
    CASE("length with chunked",
         POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", -400),
    CASE("chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", -400),
    CASE("chunked twice", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         -400),
    CASE("chunked, chunked", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", -501),
    CASE("gzip, chunked", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", -501),
    CASE("identity", POST "Transfer-Encoding: identity\r\n\r\n", -501),
    CASE("xchunked", POST "Transfer-Encoding: xchunked\r\n\r\n", -501),
    CASE("quoted chunked", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", -501),
    CASE("chunked behind a vertical tab", POST "Transfer-Encoding: \vchunked\r\n\r\n", -400),
    CASE("blank before colon", POST "Content-Length : 1\r\n\r\na", -400),
    CASE("blank before name", GET " A: b\r\n\r\n", -400),
    CASE("folded", GET "A: b\r\n c\r\n\r\n", -400),
    CASE("folded coding", POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", -400),
    CASE("no colon", GET "A\r\n\r\n", -400),
    CASE("empty name", GET ": b\r\n\r\n", -400),
    CASE("ill-named", GET "A(b: c\r\n\r\n", -400),
    CASE("eight-bit name", GET "\xc3\xa9: c\r\n\r\n", -400),
    CASE("eight-bit value", GET "A: \xc3\xa9\r\n\r\n", TAKEN),
    CASE("NUL in value", GET "A: b\0c\r\n\r\n", -400),
    CASE("DEL in value", GET "A: b\x7f\r\n\r\n", -400),
    CASE("bare CR in value", GET "A: b\rC: d\r\n\r\n", -400),
    CASE("bare CR before the end", POST "A: b\r\r\n\r\n", -400),
    CASE("bare LF behind request line", "GET / HTTP/1.1\n" HOST "\r\n", -400),
    CASE("bare LF behind field", "GET / HTTP/1.1\r\nHost: a\n\r\n", -400),
    CASE("bare LF at the end", GET "\n", -400),
    CASE("CR without LF at the end", GET "\ra", MORE),
    CASE("upgrade", GET "Connection: upgrade\r\nUpgrade: h2c\r\n\r\n", TAKEN),
    CASE("expectation", POST "Expect: 100-Continue\r\nContent-Length: 0\r\n\r\n", TAKEN),
    CASE("unknown expectation", POST "Expect: tea\r\n\r\n", -417),
    CASE("expectation in 1.0", "POST / HTTP/1.0\r\nExpect: tea\r\n\r\n", TAKEN),
    CASE("head cut", "GET / HTTP/1.1\r\nHost: a\r\n", MORE),
    CASE("body cut", POST "Content-Length: 3\r\n\r\nab", MORE),
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
    CASE("chunks cut", CHUNKED "3\r\nabc\r\n", MORE),
    CASE("chunk extension", CHUNKED "3;a=b;c=\"d e\"\r\nabc\r\n0;x\r\n\r\n", TAKEN),
    CASE("chunk with zeros and capitals", CHUNKED "00B\r\nabcdefghijk\r\n0\r\n\r\n", TAKEN),
    CASE("trailer", CHUNKED "1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", TAKEN),
    CASE("LF behind chunk size", CHUNKED "3\nabc\r\n0\r\n\r\n", -400),
    CASE("LF in chunk extension", CHUNKED "3;a\nabc\r\n0\r\n\r\n", -400),
    CASE("LF behind chunk", CHUNKED "3\r\nabc\n0\r\n\r\n", -400),
    CASE("chunk longer than it says", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", -400),
    CASE("blank behind chunk size", CHUNKED "3 \r\nabc\r\n0\r\n\r\n", -400),
    CASE("blank before chunk size", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", -400),
    CASE("0x in chunk size", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", -400),
    CASE("signed chunk size", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", -400),
    CASE("empty chunk size", CHUNKED "\r\nabc\r\n0\r\n\r\n", -400),
    CASE("extension without size", CHUNKED ";a\r\nabc\r\n0\r\n\r\n", -400),
    CASE("chunk size beyond 64 bits", CHUNKED "10000000000000003\r\nabc\r\n0\r\n\r\n", -413),
    CASE("NUL in chunk extension", CHUNKED "3;\0\r\nabc\r\n0\r\n\r\n", -400),
    CASE("folded trailer", CHUNKED "0\r\nA: b\r\n c\r\n\r\n", -400),
    CASE("ill-named trailer", CHUNKED "0\r\nA : b\r\n\r\n", -400),
    CASE("nameless trailer", CHUNKED "0\r\n: b\r\n\r\n", -400),
    CASE("LF behind trailer", CHUNKED "0\r\nA: b\n\r\n", -400),
};

/* Reads the chunks that are there; `cut` is where the network cut them, given in two pieces. */
static void read_chunks(lia_http_chunks *chunks, lia_span bytes, verdict *out)
{
    bool done = false;
    while (bytes.size && !done) {
        lia_span data;
        int64_t size = lia_http_parse_chunk(chunks, bytes, &data, &done);
        if (size < 0) {
            out->status = (int)size;
            return;
        }
        CHECK(size > 0);
        CHECK(out->body_size + data.size <= sizeof out->body);
        if (data.size) memcpy(out->body + out->body_size, data.data, data.size);
        out->body_size += data.size;
        out->size += (size_t)size;
        bytes = lia_span_skip(bytes, (size_t)size);
    }
    if (done) out->status = TAKEN;
}

/* What is said of the bytes when the first `cut` of them come first. The head is copied to a block
 * of exactly its size, so that a sanitizer sees a read behind its end. */
static verdict judge(lia_span bytes, size_t cut)
{
    verdict out = {0};
    lia_http_head head;
    int size = 0;
    const size_t sizes[] = {cut, bytes.size};
    for (size_t i = 0; i < 2 && size == 0; i++) {
        uint8_t *copy = malloc(sizes[i] + 1);
        if (sizes[i]) memcpy(copy, bytes.data, sizes[i]);
        size = lia_http_parse_head(lia_span_make(copy, sizes[i]), &head);
        free(copy);
    }
    if (size <= 0) return out.status = size, out;
    out.size = (size_t)size;
    if (!head.chunked) {
        bool complete = bytes.size - out.size >= head.length;
        out.status = complete ? TAKEN : MORE;
        if (complete) out.size += head.length;
        return out;
    }
    lia_http_chunks chunks = {0};
    size_t first = cut > out.size ? cut - out.size : 0;
    lia_span rest = lia_span_skip(bytes, out.size);
    read_chunks(&chunks, lia_span_make(rest.data, first), &out);
    if (out.status == MORE) read_chunks(&chunks, lia_span_skip(rest, first), &out);
    return out;
}

TEST(every_request_gets_the_verdict_of_the_table)
{
    for (size_t i = 0; i < LIA_COUNT(examples); i++) {
        int got = judge(examples[i].bytes, 0).status;
        if (got != examples[i].want)
            print_error("%s: %d, wanted %d\n", examples[i].name, got, examples[i].want);
        CHECK(got == examples[i].want);
    }
}

TEST(the_verdict_does_not_depend_on_where_the_network_cuts)
{
    for (size_t i = 0; i < LIA_COUNT(examples); i++) {
        verdict whole = judge(examples[i].bytes, 0);
        for (size_t cut = 1; cut <= examples[i].bytes.size; cut++) {
            verdict split = judge(examples[i].bytes, cut);
            if (split.status != whole.status)
                print_error("%s, cut at %zu: %d\n", examples[i].name, cut, split.status);
            CHECK(split.status == whole.status);
            if (whole.status != TAKEN) continue;
            CHECK_EQ(split.size, whole.size);
            CHECK_BYTES(lia_span_make(split.body, split.body_size),
                        lia_span_make(whole.body, whole.body_size));
        }
    }
}

TEST(a_refused_beginning_is_never_taken_later)
{
    for (size_t i = 0; i < LIA_COUNT(examples); i++) {
        verdict whole = judge(examples[i].bytes, 0);
        for (size_t size = 0; size < examples[i].bytes.size; size++) {
            int begun = judge(lia_span_make(examples[i].bytes.data, size), 0).status;
            CHECK(begun == whole.status || begun == MORE);
        }
    }
}

TEST(what_stands_behind_a_request_is_left_for_the_next)
{
    static const char two[] = GET "\r\n" POST "Content-Length: 3\r\n\r\nabc";
    lia_http_head head;
    lia_span bytes = lia_span_make(two, sizeof two - 1);
    int size = lia_http_parse_head(bytes, &head);
    CHECK_EQ(size, sizeof GET + 1);
    CHECK(lia_span_is(head.method, "GET"));
    bytes = lia_span_skip(bytes, (size_t)size);
    size = lia_http_parse_head(bytes, &head);
    CHECK_EQ(bytes.size - (size_t)size, 3);
    CHECK(lia_span_is(head.method, "POST"));
}

static lia_http_head parse(const char *text)
{
    lia_http_head head;
    int size = lia_http_parse_head(lia_span_text(text), &head);
    CHECK_EQ(size, strlen(text));
    return head;
}

TEST(targets_are_cut_into_path_query_and_host)
{
    static const struct {
        const char *target, *path, *query, *host;
    } cases[] = {
        {"/", "/", "", "crm.local"},
        {"/a/b?c=d?e", "/a/b", "c=d?e", "crm.local"},
        {"/?", "/", "", "crm.local"},
        {"//x/y", "//x/y", "", "crm.local"},
        {"http://other:81/a?b", "/a", "b", "other:81"},
        {"http://other?b", "/", "b", "other"},
        {"http://[::1]", "/", "", "[::1]"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        char text[256];
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", cases[i].target);
        lia_http_head head = parse(text);
        CHECK(lia_span_is(head.path, cases[i].path));
        CHECK(lia_span_is(head.query, cases[i].query));
        CHECK(lia_span_is(head.host, cases[i].host));
        CHECK(lia_span_is(head.fields[0].value, cases[i].host));
    }
}

TEST(a_connection_is_kept_as_version_and_fields_say)
{
    static const struct {
        const char *text;
        bool kept;
    } cases[] = {
        {GET "\r\n", true},
        {GET "Connection: close\r\n\r\n", false},
        {GET "Connection: Keep-Alive , CLOSE\r\n\r\n", false},
        {GET "Connection: TE\r\nConnection: close\r\n\r\n", false},
        {GET "Connection: closed\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
        {"GET / HTTP/1.9\r\n" HOST "\r\n", true},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_EQ(parse(cases[i].text).keep_alive, cases[i].kept);
}

TEST(values_lose_the_blanks_around_them)
{
    lia_http_head head = parse(GET "A: \t b c\t \r\nB:\r\n\r\n");
    CHECK_EQ(head.field_count, 3);
    CHECK(lia_span_is(head.fields[1].value, "b c"));
    CHECK(lia_span_is(head.fields[2].value, ""));
}

/* Fills `out` with `start`, then `fill` up to `size`, then `end`. */
static lia_span stuffed(uint8_t *out, const char *start, char fill, size_t size, const char *end)
{
    size_t first = strlen(start), last = strlen(end);
    memcpy(out, start, first);
    memset(out + first, fill, size - first - last);
    memcpy(out + size - last, end, last);
    return lia_span_make(out, size);
}

TEST(a_head_may_be_as_long_as_the_limit_and_no_longer)
{
    static uint8_t bytes[LIA_HTTP_HEAD_BYTES_MAX + 8];
    lia_http_head head;
    size_t max = LIA_HTTP_HEAD_BYTES_MAX;
    CHECK_EQ(lia_http_parse_head(stuffed(bytes, GET "A: ", 'a', max, "\r\n\r\n"), &head), max);
    CHECK(lia_http_parse_head(stuffed(bytes, GET "A: ", 'a', max + 1, "\r\n\r\n"), &head) == -431);
    CHECK(lia_http_parse_head(stuffed(bytes, GET "A: ", 'a', max - 1, ""), &head) == 0);
    CHECK(lia_http_parse_head(stuffed(bytes, GET "A: ", 'a', max, ""), &head) == -431);
    CHECK(lia_http_parse_head(stuffed(bytes, "GET /", 'a', max, ""), &head) == -414);
    CHECK(lia_http_parse_head(stuffed(bytes, "GET /", 'a', max + 8, "\r\n\r\n"), &head) == -414);
}

TEST(a_head_may_have_as_many_fields_as_the_limit_and_no_more)
{
    static char text[LIA_HTTP_HEAD_BYTES_MAX];
    lia_http_head head;
    for (unsigned more = 0; more < 2; more++) {
        size_t at = (size_t)snprintf(text, sizeof text, GET);
        for (unsigned i = 1; i < LIA_HTTP_FIELDS_MAX + more; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "A%u: b\r\n", i);
        at += (size_t)snprintf(text + at, sizeof text - at, "\r\n");
        int got = lia_http_parse_head(lia_span_make(text, at), &head);
        CHECK(more ? got == -431 : got == (int)at);
    }
}

TEST(extensions_and_trailers_are_bounded)
{
    static uint8_t bytes[1 << 16];
    static const struct {
        const char *start;
        int want;
    } cases[] = {{"3;", -400}, {"0\r\nA:", -431}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_http_chunks chunks = {0};
        lia_span data;
        bool done;
        lia_span all = stuffed(bytes, cases[i].start, 'a', sizeof bytes, "");
        CHECK(lia_http_parse_chunk(&chunks, all, &data, &done) == cases[i].want);
    }
}

/* Any change of a valid request gives a verdict of the known ones, and nothing with a control
 * byte is taken. */
TEST(damaged_requests_are_refused_or_still_clean)
{
    lia_dice dice = {11};
    for (unsigned round = 0; round < 200000; round++) {
        const example *from = &examples[lia_dice_below(&dice, LIA_COUNT(examples))];
        uint8_t bytes[512];
        size_t size = from->bytes.size;
        memcpy(bytes, from->bytes.data, size);
        for (uint64_t changes = 1 + lia_dice_below(&dice, 3); changes; changes--)
            bytes[lia_dice_below(&dice, size)] = (uint8_t)lia_dice_next(&dice);
        lia_http_head head;
        int got = lia_http_parse_head(lia_span_make(bytes, size), &head);
        CHECK(got == MORE || (got > 0 && got <= (int)size) || (got <= -400 && got >= -505));
        for (int i = 0; i < got; i++) {
            if (bytes[i] == '\n') CHECK(bytes[i - 1] == '\r');
            if (bytes[i] == '\r') CHECK(bytes[i + 1] == '\n');
            CHECK(bytes[i] >= ' ' || bytes[i] == '\r' || bytes[i] == '\n' || bytes[i] == '\t');
        }
    }
}
