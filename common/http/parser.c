/* SPDX-License-Identifier: Apache-2.0 */
/* The head is read line by line and every verdict depends only on the bytes up to the line feed
 * it was made at, so how the network cut the bytes cannot change it. A request that two parsers
 * could read in two ways is refused, never repaired: that is what smuggling is made of. */
#include "common/http/parser.h"

#define BLANK_LINES_MAX 2
#define LINE_MAX        4096 /* chunk extensions of one chunk, or a whole trailer */
#define DIGITS_MAX      15   /* of a chunk size: 2^60 is more than any limit */

/* What a byte may be part of. */
enum { NAME = 1, TARGET = 2, VALUE = 4, HOST = 8 };

#define N    NAME
#define T    TARGET
#define V    VALUE
#define H    HOST
#define ANY  (N | T | V | H)
#define MARK (N | T | V)
static const uint8_t classes[256] = {
    ['\t'] = V,          [' '] = V,           ['!'] = ANY,       ['"'] = V,
    ['#'] = MARK & ~T,   ['$'] = ANY,         ['%'] = ANY,       ['&'] = ANY,
    ['\''] = ANY,        ['('] = T | V | H,   [')'] = T | V | H, ['*'] = ANY,
    ['+'] = ANY,         [','] = T | V | H,   ['-'] = ANY,       ['.'] = ANY,
    ['/'] = T | V,       ['0' ... '9'] = ANY, [':'] = T | V,     [';'] = T | V | H,
    ['<'] = V,           ['='] = T | V | H,   ['>'] = V,         ['?'] = T | V,
    ['@'] = T | V,       ['A' ... 'Z'] = ANY, ['['] = T | V,     ['\\'] = T | V,
    [']'] = T | V,       ['^'] = MARK,        ['_'] = ANY,       ['`'] = MARK,
    ['a' ... 'z'] = ANY, ['{'] = T | V,       ['|'] = MARK,      ['}'] = T | V,
    ['~'] = ANY,         [0x80 ... 0xff] = V,
};
#undef N
#undef T
#undef V
#undef H

/* How many leading bytes belong to `class`. */
static size_t run_of(lia_span span, uint8_t class)
{
    size_t size = 0;
    while (size < span.size && classes[span.data[size]] & class) size++;
    return size;
}

static bool all_of(lia_span span, uint8_t class)
{
    return run_of(span, class) == span.size;
}

static lia_span first_of(lia_span span, size_t size)
{
    return lia_span_make(span.data, size);
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static bool starts_with_word(lia_span text, const char *word)
{
    for (size_t i = 0; word[i]; i++)
        if (i == text.size || lower(text.data[i]) != (uint8_t)word[i]) return false;
    return true;
}

bool lia_http_word_is(lia_span text, const char *word)
{
    return text.size == strlen(word) && starts_with_word(text, word);
}

static lia_span trim(lia_span span)
{
    while (span.size && (span.data[0] == ' ' || span.data[0] == '\t'))
        span = lia_span_skip(span, 1);
    while (span.size && (span.data[span.size - 1] == ' ' || span.data[span.size - 1] == '\t'))
        span.size--;
    return span;
}

/* A name, IPv4 or [IPv6] address with an optional port, RFC 3986 without user information. */
static bool host_is_valid(lia_span host)
{
    if (host.size == 0) return false;
    if (host.data[0] == '[') {
        const uint8_t *end = memchr(host.data, ']', host.size);
        if (!end || end == host.data + 1) return false;
        for (const uint8_t *at = host.data + 1; at < end; at++)
            if (*at != ':' && !(classes[*at] & HOST)) return false;
        host = lia_span_skip(host, (size_t)(end - host.data) + 1);
    } else {
        size_t name = run_of(host, HOST);
        if (name == 0) return false;
        host = lia_span_skip(host, name);
    }
    if (host.size == 0) return true;
    if (host.data[0] != ':' || host.size > 6) return false;
    for (size_t i = 1; i < host.size; i++)
        if (!is_digit(host.data[i])) return false;
    return true;
}

/* ---- the request line ----------------------------------------------------------------------- */

static int parse_version(lia_span version, lia_http_head *head)
{
    if (version.size != 8 || memcmp(version.data, "HTTP/", 5) != 0 || !is_digit(version.data[5]) ||
        version.data[6] != '.' || !is_digit(version.data[7]))
        return -400;
    if (version.data[5] != '1') return -505;
    head->http_1_0 = version.data[7] == '0';
    return 0;
}

/* Splits http://host/path into host and path; the scheme is all the proof that is asked for. */
static int cut_absolute(lia_span rest, lia_http_head *head)
{
    size_t skip = starts_with_word(rest, "http://")    ? 7
                  : starts_with_word(rest, "https://") ? 8
                                                       : 0;
    if (skip == 0) return -400;
    rest = lia_span_skip(rest, skip);
    size_t size = 0;
    while (size < rest.size && rest.data[size] != '/' && rest.data[size] != '?') size++;
    head->host = first_of(rest, size);
    if (!host_is_valid(head->host)) return -400;
    head->path = lia_span_skip(rest, size);
    return 0;
}

static int parse_target(lia_http_head *head)
{
    lia_span target = head->target;
    if (lia_span_is(head->method, "CONNECT")) return -501;
    if (lia_span_is(target, "*") && lia_span_is(head->method, "OPTIONS")) {
        head->path = target;
        return 0;
    }
    head->path = target;
    if (target.data[0] != '/') {
        int status = cut_absolute(target, head);
        if (status) return status;
    }
    const uint8_t *mark = head->path.size ? memchr(head->path.data, '?', head->path.size) : NULL;
    if (mark) {
        size_t size = (size_t)(mark - head->path.data);
        head->query = lia_span_skip(head->path, size + 1);
        head->path.size = size;
    }
    if (head->path.size == 0) head->path = LIA_SPAN("/");
    return memchr(head->path.data, '\\', head->path.size) ? -400 : 0;
}

static int parse_request_line(lia_span line, lia_http_head *head)
{
    size_t size = run_of(line, NAME);
    if (size == 0 || size == line.size || line.data[size] != ' ') return -400;
    head->method = first_of(line, size);
    line = lia_span_skip(line, size + 1);
    size = run_of(line, TARGET);
    if (size == 0 || size == line.size || line.data[size] != ' ') return -400;
    head->target = first_of(line, size);
    int status = parse_version(lia_span_skip(line, size + 1), head);
    return status ? status : parse_target(head);
}

/* ---- fields --------------------------------------------------------------------------------- */

/* What the framing fields said, judged together at the end of the head. */
typedef struct framing {
    unsigned hosts, lengths, codings;
    bool coding_is_chunked, asks_close, asks_keep;
} framing;

static int parse_length(lia_span value, uint64_t *length)
{
    if (value.size == 0) return -400;
    *length = 0;
    bool huge = false;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.data[i])) return -400;
        huge |= __builtin_mul_overflow(*length, 10, length);
        huge |= __builtin_add_overflow(*length, (uint64_t)(value.data[i] - '0'), length);
    }
    return huge ? -413 : 0;
}

static void parse_connection(lia_span value, framing *seen)
{
    while (value.size) {
        const uint8_t *comma = memchr(value.data, ',', value.size);
        size_t size = comma ? (size_t)(comma - value.data) : value.size;
        lia_span word = trim(first_of(value, size));
        seen->asks_close |= lia_http_word_is(word, "close");
        seen->asks_keep |= lia_http_word_is(word, "keep-alive");
        value = lia_span_skip(value, comma ? size + 1 : size);
    }
}

static int parse_expect(lia_span value, lia_http_head *head)
{
    if (head->http_1_0) return 0;
    if (!lia_http_word_is(value, "100-continue")) return -417;
    head->expects_continue = true;
    return 0;
}

/* The host of an absolute target stands above the field (RFC 9112 section 3.2.2). */
static int note_host(lia_http_field *field, lia_http_head *head, framing *seen)
{
    if (++seen->hosts > 1 || !host_is_valid(field->value)) return -400;
    if (head->host.size)
        field->value = head->host;
    else
        head->host = field->value;
    return 0;
}

/* Looks at the few fields that decide about the message itself. */
static int note_field(lia_http_field *field, lia_http_head *head, framing *seen)
{
    switch (field->name.size) {
    case 4:
        if (lia_http_word_is(field->name, "host")) return note_host(field, head, seen);
        return 0;
    case 6:
        if (lia_http_word_is(field->name, "expect")) return parse_expect(field->value, head);
        return 0;
    case 10:
        if (lia_http_word_is(field->name, "connection")) parse_connection(field->value, seen);
        return 0;
    case 14:
        if (!lia_http_word_is(field->name, "content-length")) return 0;
        if (++seen->lengths > 1) return -400;
        head->has_length = true;
        return parse_length(field->value, &head->length);
    case 17:
        if (!lia_http_word_is(field->name, "transfer-encoding")) return 0;
        seen->codings++;
        seen->coding_is_chunked = lia_http_word_is(field->value, "chunked");
        return 0;
    default:
        return 0;
    }
}

static int parse_field(lia_span line, lia_http_head *head, framing *seen)
{
    size_t size = run_of(line, NAME);
    if (size == 0 || size == line.size || line.data[size] != ':') return -400;
    lia_span value = lia_span_skip(line, size + 1);
    if (!all_of(value, VALUE)) return -400;
    if (head->field_count == LIA_HTTP_FIELDS_MAX) return -431;
    lia_http_field *field = &head->fields[head->field_count++];
    *field = (lia_http_field){first_of(line, size), trim(value)};
    return note_field(field, head, seen);
}

/* RFC 9112 sections 3.2, 6.1 and 6.3, and 9.3 for the connection. */
static int judge(lia_http_head *head, const framing *seen)
{
    if (!head->http_1_0 && seen->hosts != 1) return -400;
    if (seen->codings) {
        if (seen->codings > 1 || seen->lengths || head->http_1_0) return -400;
        if (!seen->coding_is_chunked) return -501;
        head->chunked = true;
    }
    head->keep_alive = !seen->asks_close && (!head->http_1_0 || seen->asks_keep);
    return 0;
}

/* ---- the head ------------------------------------------------------------------------------- */

/* The next line without its CRLF. 1 found, 0 not there yet, or a refusal; `late` is the status
 * for a line that does not end within the limit. */
static int next_line(lia_span bytes, size_t *at, lia_span *line, int late)
{
    size_t size = bytes.size < LIA_HTTP_HEAD_BYTES_MAX ? bytes.size : LIA_HTTP_HEAD_BYTES_MAX;
    const uint8_t *start = bytes.data + *at;
    const uint8_t *end = size > *at ? memchr(start, '\n', size - *at) : NULL;
    if (!end) return size == LIA_HTTP_HEAD_BYTES_MAX ? late : 0;
    if (end == start || end[-1] != '\r') return -400;
    *line = lia_span_make(start, (size_t)(end - start) - 1);
    *at += (size_t)(end - start) + 1;
    return 1;
}

static int first_line(lia_span bytes, size_t *at, lia_span *line)
{
    for (unsigned blank = 0; blank <= BLANK_LINES_MAX; blank++) {
        if (*at < bytes.size && bytes.data[*at] != '\r' && !(classes[bytes.data[*at]] & NAME))
            return -400; /* at once: this is TLS, or anything else but HTTP */
        int found = next_line(bytes, at, line, -414);
        if (found <= 0 || line->size) return found;
    }
    return -400;
}

static void clear(lia_http_head *head)
{
    head->method = head->target = head->path = head->query = head->host = LIA_SPAN_NONE;
    head->http_1_0 = head->keep_alive = head->chunked = false;
    head->expects_continue = head->has_length = false;
    head->length = 0;
    head->field_count = 0;
}

int lia_http_parse_head(lia_span bytes, lia_http_head *head)
{
    size_t at = 0;
    lia_span line;
    framing seen = {0};
    clear(head);
    int found = first_line(bytes, &at, &line);
    if (found <= 0) return found;
    int status = parse_request_line(line, head);
    if (status) return status;
    for (;;) {
        found = next_line(bytes, &at, &line, -431);
        if (found <= 0) return found;
        if (line.size == 0) break;
        status = parse_field(line, head, &seen);
        if (status) return status;
    }
    status = judge(head, &seen);
    return status ? status : (int)at;
}

/* ---- chunks --------------------------------------------------------------------------------- */

/*   SIZE --;--> EXTENSION --\r--> SIZE_LF --> DATA --> DATA_CR --> DATA_LF --> SIZE
 *                                    '-- size 0 --> LINE --\r--> END_LF --> DONE
 *                                                     '--> FIELD --:--> REST --\r--> REST_LF -'  */
enum { SIZE, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, LINE, FIELD, REST, REST_LF, END_LF, DONE };

static int hex_digit(uint8_t byte)
{
    if (is_digit(byte)) return byte - '0';
    byte = lower(byte);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static int step_size(lia_http_chunks *chunks, uint8_t byte)
{
    int digit = hex_digit(byte);
    if (digit >= 0) {
        if (chunks->digits++ == DIGITS_MAX) return -413;
        chunks->left = chunks->left << 4 | (uint64_t)digit;
        return SIZE;
    }
    if (chunks->digits == 0) return -400;
    return byte == '\r' ? SIZE_LF : byte == ';' ? EXTENSION : -400;
}

static int step_size_lf(lia_http_chunks *chunks, uint8_t byte)
{
    if (byte != '\n') return -400;
    chunks->digits = 0;
    chunks->line = 0;
    return chunks->left ? DATA : LINE;
}

/* Text up to the next CR. */
static int step_text(const lia_http_chunks *chunks, uint8_t byte, int end)
{
    if (byte == '\r') return end;
    return classes[byte] & VALUE ? chunks->state : -400;
}

static int step_name(uint8_t byte)
{
    if (byte == ':') return REST;
    return classes[byte] & NAME ? FIELD : -400;
}

static int expect(uint8_t byte, uint8_t wanted, int next)
{
    return byte == wanted ? next : -400;
}

/* One byte that is not data: the next state, or a refusal. */
static int step(lia_http_chunks *chunks, uint8_t byte)
{
    bool counted = chunks->state == EXTENSION || chunks->state >= LINE;
    if (counted && chunks->line++ == LINE_MAX) return chunks->state == EXTENSION ? -400 : -431;
    switch (chunks->state) {
    case SIZE:
        return step_size(chunks, byte);
    case EXTENSION:
        return step_text(chunks, byte, SIZE_LF);
    case SIZE_LF:
        return step_size_lf(chunks, byte);
    case DATA_CR:
        return expect(byte, '\r', DATA_LF);
    case DATA_LF:
        return expect(byte, '\n', SIZE);
    case LINE:
        return byte == '\r' ? END_LF : byte == ':' ? -400 : step_name(byte);
    case FIELD:
        return step_name(byte);
    case REST:
        return step_text(chunks, byte, REST_LF);
    case REST_LF:
        return expect(byte, '\n', LINE);
    case END_LF:
        return expect(byte, '\n', DONE);
    default:
        return -400;
    }
}

int64_t lia_http_parse_chunk(lia_http_chunks *chunks, lia_span bytes, lia_span *data, bool *done)
{
    *data = LIA_SPAN_NONE;
    size_t at = 0;
    while (at < bytes.size && chunks->state != DATA && chunks->state != DONE) {
        int next = step(chunks, bytes.data[at++]);
        if (next < 0) return next;
        chunks->state = (uint8_t)next;
    }
    if (chunks->state == DATA) {
        size_t size = bytes.size - at;
        if (size > chunks->left) size = (size_t)chunks->left;
        *data = lia_span_make(bytes.data + at, size);
        chunks->left -= size;
        at += size;
        if (chunks->left == 0) chunks->state = DATA_CR;
    }
    *done = chunks->state == DONE;
    return (int64_t)at;
}
