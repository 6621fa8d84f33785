/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/filter_parser.h"
#include "common/wire/utf8.h"

/* ---- refusing -------------------------------------------------------------------------------- */

/* Columns count characters from 1. */
static size_t column_of(const lia_filter_parser *in, size_t at)
{
    size_t column = 1;
    for (size_t i = 0; i < at; i++) column += (in->text.data[i] & 0xc0) != 0x80;
    return column;
}

void *lia_filter_full(lia_filter_parser *in)
{
    if (!in->err)
        in->err =
            lia_why_set(in->why, LIA_EFULL, "the filter does not fit the memory of one request");
    return NULL;
}

void *lia_filter_refuse(lia_filter_parser *in, size_t at, const char *reason)
{
    if (!reason) return lia_filter_full(in);
    if (!in->err)
        in->err = lia_why_set(in->why, LIA_EINVAL, "column %zu: %s", column_of(in, at), reason);
    return NULL;
}

void *lia_filter_take(lia_filter_parser *in, size_t size)
{
    void *memory = lia_arena_zero(in->arena, size);
    return memory ? memory : lia_filter_full(in);
}

const char *lia_filter_piece(lia_filter_parser *in, lia_span piece)
{
    size_t size = 0;
    while (size < piece.size && size < 40) {
        size_t step = lia_utf8_step(lia_span_skip(piece, size));
        size += step ? step : 1;
    }
    const char *text = lia_arena_text(
        in->arena, "%.*s", (int)(size < piece.size ? size : piece.size), (const char *)piece.data);
    return text ? text : "";
}

/* ---- characters ------------------------------------------------------------------------------ */

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int lia_filter_peek(lia_filter_parser *in)
{
    while (in->at < in->text.size && is_space(in->text.data[in->at])) in->at++;
    return in->at < in->text.size ? in->text.data[in->at] : -1;
}

size_t lia_filter_place(lia_filter_parser *in)
{
    (void)lia_filter_peek(in);
    return in->at;
}

bool lia_filter_accept(lia_filter_parser *in, char c)
{
    if (lia_filter_peek(in) != c) return false;
    in->at++;
    return true;
}

static bool ends_word(uint8_t c)
{
    return is_space(c) || strchr("()\"'=!<>,", c) != NULL;
}

static lia_span word_at(const lia_filter_parser *in, size_t at)
{
    size_t end = at;
    while (end < in->text.size && in->text.data[end] && !ends_word(in->text.data[end])) end++;
    return lia_span_make(in->text.data + at, end - at);
}

bool lia_filter_keyword(lia_filter_parser *in, const char *keyword)
{
    lia_span word = word_at(in, lia_filter_place(in));
    if (word.size != strlen(keyword)) return false;
    for (size_t i = 0; i < word.size; i++)
        if ((word.data[i] & ~0x20) != keyword[i]) return false;
    in->at += word.size;
    return true;
}

static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

lia_span lia_filter_name(lia_filter_parser *in)
{
    size_t start = in->at;
    while (in->at < in->text.size && is_name_char(in->text.data[in->at])) in->at++;
    return lia_span_make(in->text.data + start, in->at - start);
}

/* In quotes, a backslash takes the next character as it is. */
static void *take_quoted(lia_filter_parser *in, lia_span *out)
{
    size_t start = in->at, size = 0;
    uint8_t quote = in->text.data[in->at++];
    uint8_t *text = lia_filter_take(in, in->text.size - start);
    if (!text) return NULL;
    for (; in->at < in->text.size && in->text.data[in->at] != quote; in->at++) {
        if (in->text.data[in->at] == '\\' && ++in->at == in->text.size) break;
        text[size++] = in->text.data[in->at];
    }
    if (in->at >= in->text.size) return REFUSE(in, start, "the quote is not closed");
    in->at++;
    *out = lia_span_make(text, size);
    return text;
}

void *lia_filter_word(lia_filter_parser *in, lia_span *out, bool *quoted)
{
    int c = lia_filter_peek(in);
    *quoted = c == '"' || c == '\'';
    if (*quoted) return take_quoted(in, out);
    *out = word_at(in, in->at);
    if (!out->size) return REFUSE(in, in->at, "a value is wanted");
    in->at += out->size;
    return in;
}
