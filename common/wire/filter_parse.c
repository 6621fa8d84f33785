/* SPDX-License-Identifier: Apache-2.0 */
/* A filter is parsed by descent into a tree that the limits keep small and shallow: at most 64
 * comparisons, 16 deep. Values are converted and text is folded here, so that holding a record
 * against the filter allocates nothing and cannot fail. */
#include "common/wire/filter_tree.h"
#include "common/wire/pb.h"
#include "common/wire/utf8.h"

enum { COMPARISONS_MAX = 64, DEPTH_MAX = 16, TEXT_BYTES_MAX = 8192 };

/* ---- reading characters ---------------------------------------------------------------------- */

typedef struct parser {
    const lia_kind *kind;
    lia_span text;
    size_t at;
    lia_arena *arena;
    lia_why *why;
    unsigned depth, comparisons;
    lia_err err;
} parser;

/* Columns count characters from 1. */
static size_t column_of(const parser *in, size_t at)
{
    size_t column = 1;
    for (size_t i = 0; i < at; i++) column += (in->text.data[i] & 0xc0) != 0x80;
    return column;
}

static void *full(parser *in)
{
    if (!in->err)
        in->err =
            lia_why_set(in->why, LIA_EFULL, "the filter does not fit the memory of one request");
    return NULL;
}

/* Only the first reason counts. NULL, so that a parsing function can end with it. */
#define REFUSE(in, at, ...) refuse(in, at, lia_arena_text((in)->arena, __VA_ARGS__))
static void *refuse(parser *in, size_t at, const char *reason)
{
    if (!reason) return full(in);
    if (!in->err)
        in->err = lia_why_set(in->why, LIA_EINVAL, "column %zu: %s", column_of(in, at), reason);
    return NULL;
}

static void *take(parser *in, size_t size)
{
    void *memory = lia_arena_zero(in->arena, size);
    return memory ? memory : full(in);
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int peek(parser *in)
{
    while (in->at < in->text.size && is_space(in->text.data[in->at])) in->at++;
    return in->at < in->text.size ? in->text.data[in->at] : -1;
}

static bool accept(parser *in, char c)
{
    if (peek(in) != c) return false;
    in->at++;
    return true;
}

static bool ends_word(uint8_t c)
{
    return is_space(c) || strchr("()\"'=!<>", c) != NULL;
}

static lia_span word_at(const parser *in, size_t at)
{
    size_t end = at;
    while (end < in->text.size && in->text.data[end] && !ends_word(in->text.data[end])) end++;
    return lia_span_make(in->text.data + at, end - at);
}

/* AND, OR and NOT, in capitals or small. */
static bool accept_keyword(parser *in, const char *keyword)
{
    (void)peek(in);
    lia_span word = word_at(in, in->at);
    if (word.size != strlen(keyword)) return false;
    for (size_t i = 0; i < word.size; i++)
        if ((word.data[i] & ~0x20) != keyword[i]) return false;
    in->at += word.size;
    return true;
}

/* For refusals: a piece of the filter, not longer than a message bears. */
static const char *shown(parser *in, lia_span piece)
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

/* ---- fields ---------------------------------------------------------------------------------- */

static const lia_field id_field = {.name = "id", .type = LIA_T_BYTES, .meaning = LIA_M_ID};
static const lia_field created_at_field = {
    .name = "created_at", .type = LIA_T_INT, .meaning = LIA_M_INSTANT};

static bool is_name_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static lia_span take_name(parser *in)
{
    size_t start = in->at;
    while (in->at < in->text.size && is_name_char(in->text.data[in->at])) in->at++;
    return lia_span_make(in->text.data + start, in->at - start);
}

/* "deal", "Money" for refusals. */
static const char *short_name(const lia_message *message)
{
    const char *point = strrchr(message->name, '.');
    return point ? point + 1 : message->name;
}

/* The subfield after a point, or the key for a set that is compared as such. */
static void *resolve_leaf(parser *in, lia_comparison *to, size_t start)
{
    const lia_message *inner = to->field->message;
    bool has_point = in->at < in->text.size && in->text.data[in->at] == '.';
    if (has_point && !inner) return REFUSE(in, in->at, "%s has no parts", to->field->name);
    to->as_set = to->field->repeated && !has_point;
    if (!inner) return to;
    if (!has_point) {
        to->leaf = to->field->key ? lia_field_find(inner, to->field->key) : NULL;
        return to->leaf
                   ? to
                   : REFUSE(in, start, "%s has parts: compare %s.%s, for example", to->field->name,
                            to->field->name, inner->count ? inner->fields[0].name : "value");
    }
    size_t at = ++in->at;
    lia_span name = take_name(in);
    to->leaf = lia_field_by_name(inner, name);
    if (!to->leaf) return REFUSE(in, at, "no field '%s' in %s", shown(in, name), short_name(inner));
    if (to->leaf->message) return REFUSE(in, at, "only one step into a field is possible");
    return to;
}

static void *parse_field(parser *in, lia_comparison *to)
{
    (void)peek(in);
    size_t start = in->at;
    lia_span name = take_name(in);
    if (!name.size)
        return REFUSE(in, start,
                      in->at < in->text.size ? "the name of a field is wanted"
                                             : "the filter ends where a comparison is wanted");
    to->of = lia_span_is(name, "id")           ? OF_ID
             : lia_span_is(name, "created_at") ? OF_CREATED_AT
                                               : OF_FIELD;
    if (to->of != OF_FIELD) {
        to->leaf = to->of == OF_ID ? &id_field : &created_at_field;
        return to;
    }
    to->field = to->leaf = lia_field_by_name(in->kind->message, name);
    if (!to->field)
        return REFUSE(in, start, "no field '%s' in %s", shown(in, name), in->kind->name);
    return resolve_leaf(in, to, start);
}

/* ---- operators ------------------------------------------------------------------------------- */

static bool parse_op(parser *in, lia_filter_op *out)
{
    static const struct {
        const char *text;
        lia_filter_op op;
    } ops[] = {{"!=", OP_UNEQUAL}, {"<=", OP_LESS_EQUAL}, {">=", OP_MORE_EQUAL}, {"=", OP_EQUAL},
               {"<", OP_LESS},     {">", OP_MORE},        {":", OP_HAS}};
    (void)peek(in);
    lia_span rest = lia_span_skip(in->text, in->at);
    for (size_t i = 0; i < LIA_COUNT(ops); i++) {
        if (!lia_span_starts(rest, lia_span_text(ops[i].text))) continue;
        in->at += strlen(ops[i].text);
        *out = ops[i].op;
        return true;
    }
    return false;
}

static bool is_ordered(const lia_field *leaf)
{
    return leaf->type == LIA_T_INT || leaf->type == LIA_T_UINT || leaf->type == LIA_T_STRING;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* In quotes, a backslash takes the next character as it is. */
static void *take_quoted(parser *in, lia_span *out)
{
    size_t start = in->at, size = 0;
    uint8_t quote = in->text.data[in->at++];
    uint8_t *text = take(in, in->text.size - start);
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

static void *take_value(parser *in, lia_span *out, bool *quoted)
{
    int c = peek(in);
    *quoted = c == '"' || c == '\'';
    if (*quoted) return take_quoted(in, out);
    *out = word_at(in, in->at);
    if (!out->size) return REFUSE(in, in->at, "a value is wanted");
    in->at += out->size;
    return in;
}

/* Decimal digits with an optional sign, within 64 bits. */
static bool read_number(lia_span text, bool is_signed, uint64_t *out)
{
    bool negative = text.size && text.data[0] == '-';
    uint64_t value = 0, most = !is_signed ? UINT64_MAX
                               : negative ? (uint64_t)INT64_MAX + 1
                                          : INT64_MAX;
    if (negative && !is_signed) return false;
    if (negative) text = lia_span_skip(text, 1);
    if (!text.size) return false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = text.data[i] - '0' + 0u;
        if (digit > 9 || value > (most - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = negative ? 0 - value : value;
    return true;
}

static const char *read_int(lia_comparison *to, lia_span text)
{
    lia_time time;
    switch (to->leaf->meaning) {
    case LIA_M_INSTANT:
        if (lia_time_parse(text, &time))
            return "an instant such as 2026-11-22 or 2026-11-22T08:30:00Z is wanted";
        to->number = (uint64_t)time.ms;
        return NULL;
    case LIA_M_DATE:
        if (text.size != strlen("2026-11-22") || lia_time_parse(text, &time))
            return "a date such as 2026-11-22 is wanted";
        to->number = (uint64_t)(time.ms / LIA_DAY_MS);
        return NULL;
    default:
        return read_number(text, to->leaf->type == LIA_T_INT, &to->number)
                   ? NULL
                   : "a whole number is wanted";
    }
}

static const char *read_bytes(parser *in, lia_comparison *to, lia_span text)
{
    lia_id id;
    if (to->leaf->meaning != LIA_M_ID || lia_id_parse(text, &id))
        return "an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted";
    to->bytes = lia_arena_copy(in->arena, lia_id_span(&id));
    return NULL;
}

static const char *read_enum(parser *in, lia_comparison *to, lia_span text)
{
    int32_t number;
    const lia_enum *names = to->leaf->enumeration;
    if (lia_enum_number(names, text, &number)) {
        to->number = (uint64_t)(int64_t)number;
        return NULL;
    }
    lia_buf reason = lia_buf_make(in->arena);
    lia_buf_text(&reason, "one of ");
    for (size_t i = 0; i < names->count; i++) {
        if (i) lia_buf_text(&reason, ", ");
        lia_buf_text(&reason, names->values[i].name);
    }
    lia_buf_add(&reason, " is wanted", sizeof " is wanted");
    return reason.failed ? "another name is wanted" : (const char *)reason.data;
}

static const char *read_bool(lia_comparison *to, lia_span text)
{
    to->number = lia_span_is(text, "true");
    return to->number || lia_span_is(text, "false") ? NULL : "true or false is wanted";
}

/* NULL when the text is a value of the leaf; else why not. */
static const char *read_value(parser *in, lia_comparison *to, lia_span text)
{
    switch (to->leaf->type) {
    case LIA_T_BOOL:
        return read_bool(to, text);
    case LIA_T_INT:
    case LIA_T_UINT:
        return read_int(to, text);
    case LIA_T_ENUM:
        return read_enum(in, to, text);
    case LIA_T_BYTES:
        return read_bytes(in, to, text);
    case LIA_T_STRING:
        to->bytes = text;
        return NULL;
    case LIA_T_MESSAGE:
        break;
    }
    return "it cannot be compared";
}

/* ---- comparisons ----------------------------------------------------------------------------- */

static void *make_needle(parser *in, lia_filter_needle *out, lia_span text)
{
    out->letters = take(in, (text.size + 1) * sizeof *out->letters);
    out->fallback = take(in, (text.size + 1) * sizeof *out->fallback);
    if (!out->letters || !out->fallback) return NULL;
    while (text.size) out->letters[out->count++] = lia_filter_letter(&text);
    for (size_t i = 1, length = 0; i < out->count; i++) {
        while (length && out->letters[i] != out->letters[length])
            length = out->fallback[length - 1];
        length += out->letters[i] == out->letters[length];
        out->fallback[i] = length;
    }
    return out;
}

static void *finish_value(parser *in, lia_comparison *to, lia_span text, size_t at)
{
    const char *wrong = read_value(in, to, text);
    if (wrong) return REFUSE(in, at, "%s: %s", to->leaf->name, wrong);
    uint8_t varint[10];
    to->payload = to->bytes;
    if (to->leaf->type < LIA_T_STRING) {
        to->payload =
            lia_arena_copy(in->arena, lia_span_make(varint, lia_varint_put(varint, to->number)));
    }
    return to->op == OP_HAS && to->leaf->type == LIA_T_STRING
               ? make_needle(in, &to->needle, to->bytes)
               : to;
}

static lia_comparison *parse_terms(parser *in, lia_comparison *to)
{
    lia_span text = LIA_SPAN_NONE;
    bool quoted;
    if (!parse_field(in, to)) return NULL;
    size_t at = (peek(in), in->at);
    if (!parse_op(in, &to->op)) return REFUSE(in, at, "one of = != < <= > >= : is wanted");
    if (to->op >= OP_LESS && to->op <= OP_MORE_EQUAL && !is_ordered(to->leaf))
        return REFUSE(in, at, "%s has no order, only = and != fit", to->leaf->name);
    at = (peek(in), in->at);
    if (!take_value(in, &text, &quoted)) return NULL;
    to->any = to->op == OP_HAS && !quoted && lia_span_is(text, "*");
    return to->any || finish_value(in, to, text, at) ? to : NULL;
}

/* ---- the tree -------------------------------------------------------------------------------- */

static lia_filter_node *parse_or(parser *in);

static lia_filter_node *make_node(parser *in, int type, const lia_filter_node *first)
{
    lia_filter_node *made = take(in, sizeof *made);
    if (!made) return NULL;
    made->type = type;
    made->first = first;
    return made;
}

static lia_filter_node *parse_comparison(parser *in)
{
    if (in->comparisons++ == COMPARISONS_MAX)
        return REFUSE(in, in->at, "more than %d comparisons", COMPARISONS_MAX);
    lia_comparison *made = take(in, sizeof *made);
    lia_filter_node *leaf =
        made && parse_terms(in, made) ? make_node(in, NODE_COMPARE, NULL) : NULL;
    if (leaf) leaf->comparison = made;
    return leaf;
}

/* NOT, parentheses, or a comparison. */
static lia_filter_node *parse_unit(parser *in)
{
    lia_filter_node *made;
    (void)peek(in);
    if (in->depth == DEPTH_MAX) return REFUSE(in, in->at, "nested more than %d deep", DEPTH_MAX);
    in->depth++;
    if (accept_keyword(in, "NOT")) {
        lia_filter_node *inner = parse_unit(in);
        made = inner ? make_node(in, NODE_NOT, inner) : NULL;
    } else if (accept(in, '(')) {
        made = parse_or(in);
        if (made && !accept(in, ')')) made = REFUSE(in, in->at, "AND, OR or ) is wanted");
    } else {
        made = parse_comparison(in);
    }
    in->depth--;
    return made;
}

/* Units joined by one keyword; a single one needs no node of its own. */
static lia_filter_node *parse_joined(parser *in, int type, const char *keyword,
                                     lia_filter_node *(*parse)(parser *))
{
    lia_filter_node *first = parse(in), *last = first;
    while (last && accept_keyword(in, keyword)) {
        lia_filter_node *next = parse(in);
        last->next = next;
        last = next;
    }
    if (!last) return NULL;
    return first == last ? first : make_node(in, type, first);
}

static lia_filter_node *parse_and(parser *in)
{
    return parse_joined(in, NODE_AND, "AND", parse_unit);
}
static lia_filter_node *parse_or(parser *in)
{
    return parse_joined(in, NODE_OR, "OR", parse_and);
}

lia_err lia_filter_parse(lia_filter **out, const lia_kind *kind, lia_span text, lia_arena *arena,
                         lia_why *why)
{
    parser in = {.kind = kind, .text = lia_arena_copy(arena, text), .arena = arena, .why = why};
    *out = NULL;
    if (text.size > TEXT_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "the filter is longer than %d bytes", TEXT_BYTES_MAX);
    lia_filter *made = in.text.data ? take(&in, sizeof *made) : full(&in);
    if (made && peek(&in) >= 0) {
        made->root = parse_or(&in);
        if (made->root && peek(&in) >= 0) REFUSE(&in, in.at, "AND or OR is wanted");
    }
    if (arena->exhausted) full(&in);
    if (!in.err) *out = made;
    return in.err;
}
