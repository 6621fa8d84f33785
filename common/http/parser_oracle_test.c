/* SPDX-License-Identifier: Apache-2.0 */
/* The parser against llhttp in its strict mode, where its sources are installed (Debian package
 * llhttp-dev). What the parser takes, llhttp must take too and read alike; llhttp is the more
 * lenient one, so it may take what the parser refuses. */
#include "common/http/parser.h"

#include <stdio.h>

#include "tests/support/test.h"

#ifdef LIA_HAS_LLHTTP /* the build found llhttp and compiles it in */
#include <llhttp.h>

/* What either of them read. */
typedef struct reading {
    bool refused, complete;
    size_t fields, body_size;
    char target[256], body[512];
    bool keep_alive;
} reading;

static int on_url(llhttp_t *parser, const char *at, size_t size)
{
    reading *out = parser->data;
    strncat(out->target, at, size);
    return 0;
}

static int on_field(llhttp_t *parser)
{
    ((reading *)parser->data)->fields++;
    return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t size)
{
    reading *out = parser->data;
    memcpy(out->body + out->body_size, at, size);
    out->body_size += size;
    return 0;
}

static int on_complete(llhttp_t *parser)
{
    reading *out = parser->data;
    out->complete = true;
    out->keep_alive = llhttp_should_keep_alive(parser);
    return HPE_PAUSED;
}

static reading read_theirs(lia_span bytes)
{
    reading out = {0};
    llhttp_settings_t settings;
    llhttp_t parser;
    llhttp_settings_init(&settings);
    settings.on_url = on_url;
    settings.on_header_value_complete = on_field;
    settings.on_body = on_body;
    settings.on_message_complete = on_complete;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    parser.data = &out;
    llhttp_errno_t error = llhttp_execute(&parser, (const char *)bytes.data, bytes.size);
    out.refused = !out.complete && error != HPE_OK && error != HPE_PAUSED_UPGRADE;
    if (error == HPE_PAUSED_UPGRADE) out.complete = true;
    return out;
}

static void read_chunks(lia_span bytes, reading *out)
{
    lia_http_chunks chunks = {0};
    bool done = false;
    while (bytes.size && !done) {
        lia_span data;
        int64_t size = lia_http_parse_chunk(&chunks, bytes, &data, &done);
        if (size < 0) {
            out->refused = true;
            return;
        }
        if (data.size) memcpy(out->body + out->body_size, data.data, data.size);
        out->body_size += data.size;
        bytes = lia_span_skip(bytes, (size_t)size);
    }
    out->complete = done;
}

static reading read_ours(lia_span bytes)
{
    reading out = {0};
    lia_http_head head;
    int size = lia_http_parse_head(bytes, &head);
    out.refused = size < 0;
    if (size <= 0) return out;
    memcpy(out.target, head.target.data, head.target.size);
    out.fields = head.field_count;
    out.keep_alive = head.keep_alive;
    bytes = lia_span_skip(bytes, (size_t)size);
    if (head.chunked) {
        read_chunks(bytes, &out);
        return out;
    }
    out.complete = bytes.size >= head.length;
    if (!out.complete) return out;
    out.body_size = (size_t)head.length;
    if (out.body_size) memcpy(out.body, bytes.data, out.body_size);
    return out;
}

/* Pieces that requests are made of; a random row of them is often nearly a request. */
static const char *const lines[] = {
    "GET / HTTP/1.1\r\n",     "POST /a?b HTTP/1.1\r\n", "GET http://a/b HTTP/1.1\r\n",
    "GET / HTTP/1.0\r\n",     "HEAD /%20 HTTP/1.1\r\n", "G@T / HTTP/1.1\r\n",
    "GET /\x01 HTTP/1.1\r\n", "PUT / HTTP/1.1\n",       "DELETE /\r\n",
};
static const char *const fields[] = {
    "Host: a\r\n",
    "A: b\r\n",
    "A:\tb c \r\n",
    "Content-Length: 3\r\n",
    "Content-Length: 3 \r\n",
    "Content-Length: 4x\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "A : b\r\n",
    " b\r\n",
    "A: \x02\r\n",
    "A: b\n",
    "A: b\r",
    "Expect: 100-continue\r\n",
    ": x\r\n",
};
static const char *const bodies[] = {
    "abc",
    "3\r\nabc\r\n0\r\n\r\n",
    "3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
    "3\nabc\r\n0\r\n\r\n",
    "3\r\nabcd\r\n0\r\n\r\n",
    "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
    "0\r\n\r\n",
    "g\r\n",
    "",
};

static size_t put(uint8_t *out, const char *text)
{
    memcpy(out, text, strlen(text));
    return strlen(text);
}

static size_t compose(lia_dice *dice, uint8_t *out)
{
    size_t size = put(out, lines[lia_dice_below(dice, LIA_COUNT(lines))]);
    if (lia_dice_below(dice, 8)) size += put(out + size, fields[0]);
    for (uint64_t more = lia_dice_below(dice, 4); more; more--)
        size += put(out + size, fields[lia_dice_below(dice, LIA_COUNT(fields))]);
    size += put(out + size, "\r\n");
    size += put(out + size, bodies[lia_dice_below(dice, LIA_COUNT(bodies))]);
    if (lia_dice_below(dice, 4) == 0)
        out[lia_dice_below(dice, size)] = (uint8_t)lia_dice_next(dice);
    return size;
}

static void show(lia_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t byte = bytes.data[i];
        print_error(byte >= ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    print_error("\n");
}

/* What llhttp refuses although it is allowed: methods it does not know, and versions that are to
 * be read as 1.1. */
static bool known_to_them(lia_span bytes)
{
    static const char *const methods[] = {"GET ", "POST ", "HEAD ", "PUT ", "DELETE "};
    bool known = false;
    for (size_t i = 0; i < LIA_COUNT(methods); i++)
        known |= lia_span_starts(bytes, lia_span_text(methods[i]));
    const uint8_t *version = memmem(bytes.data, bytes.size, " HTTP/1.", 8);
    return known && version && version[8] <= '1';
}

TEST(what_the_parser_takes_a_strict_llhttp_reads_alike)
{
    lia_dice dice = {5};
    unsigned taken = 0;
    for (unsigned round = 0; round < 300000; round++) {
        uint8_t bytes[512];
        lia_span all = lia_span_make(bytes, compose(&dice, bytes));
        reading ours = read_ours(all);
        if (!ours.complete || !known_to_them(all)) continue;
        taken++;
        reading theirs = read_theirs(all);
        bool alike = theirs.complete && theirs.body_size == ours.body_size &&
                     memcmp(theirs.body, ours.body, ours.body_size) == 0 &&
                     theirs.fields >= ours.fields && strcmp(theirs.target, ours.target) == 0 &&
                     theirs.keep_alive >= ours.keep_alive;
        if (!alike) show(all);
        CHECK(alike);
    }
    CHECK(taken > 10000);
}

#else

TEST(what_the_parser_takes_a_strict_llhttp_reads_alike)
{
    skip();
}

#endif
