/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/template.h"

#include <stdio.h>

#include "common/wire/json.h"
#include "common/wire/pb.h"

/* What stands between two pairs of braces, resolved against a kind. */
typedef struct hole {
    enum { HOLE_FIELD, HOLE_ID, HOLE_NOW, HOLE_TODAY } of;
    const lia_field *via;   /* a reference of the record; NULL: the record itself */
    const lia_kind *other;  /* that it names */
    const lia_field *outer; /* of the record that is looked at; NULL with HOLE_ID: its id */
    const lia_field *leaf;  /* `outer` itself, or a part of it */
    int64_t shift_ms;
} hole;

typedef struct scanner {
    lia_span text;
    size_t at;
    size_t column; /* of the hole, from 1 */
    lia_why *why;
} scanner;

static lia_err refuse(const scanner *s, const char *what, lia_span name, const char *where)
{
    return lia_why_set(s->why, LIA_EINVAL, "column %zu: %s '%.*s'%s%s", s->column, what,
                       name.size > 60 ? 60 : (int)name.size, (const char *)name.data,
                       where ? " in " : "", where ? where : "");
}

static lia_span trim(lia_span text)
{
    while (text.size && text.data[0] == ' ') text = lia_span_skip(text, 1);
    while (text.size && text.data[text.size - 1] == ' ') text.size--;
    return text;
}

/* Takes the bytes before `byte`; *found tells whether it was there and is taken, too. */
static lia_span take(lia_span *rest, uint8_t byte, bool *found)
{
    const uint8_t *at = rest->size ? memchr(rest->data, byte, rest->size) : NULL;
    lia_span taken = lia_span_make(rest->data, at ? (size_t)(at - rest->data) : rest->size);
    *found = at != NULL;
    *rest = lia_span_skip(*rest, taken.size + *found);
    return taken;
}

/* ---- one hole -------------------------------------------------------------------------------- */

/* Splits "close_at - 3d". A sign counts between spaces only. */
static lia_err read_shift(const scanner *s, lia_span *path, int64_t *ms)
{
    lia_span whole = *path;
    *ms = 0;
    for (size_t i = 1; i + 1 < whole.size; i++) {
        bool minus = whole.data[i] == '-';
        if ((!minus && whole.data[i] != '+') || whole.data[i - 1] != ' ') continue;
        lia_span period = trim(lia_span_skip(whole, i + 1));
        *path = trim(lia_span_make(whole.data, i));
        if (lia_period_parse(period, ms))
            return refuse(s, LIA_PERIOD_WANTED " instead of", period, NULL);
        if (minus) *ms = -*ms;
        return LIA_OK;
    }
    return LIA_OK;
}

static lia_err read_leaf(const scanner *s, hole *out, const lia_message *message, lia_span name,
                         lia_span part, bool has_part)
{
    const char *where = strrchr(message->name, '.') + 1;
    out->outer = out->leaf = lia_field_by_name(message, name);
    if (!out->outer) return refuse(s, "no field", name, where);
    if (out->outer->repeated) return refuse(s, "several values have", name, where);
    if (!has_part) return LIA_OK;
    if (!out->outer->message) return refuse(s, "there are no parts in", name, where);
    out->leaf = lia_field_by_name(out->outer->message, part);
    if (!out->leaf || out->leaf->repeated || out->leaf->message)
        return refuse(s, "no single part", part, name.size ? out->outer->name : NULL);
    return LIA_OK;
}

static bool is_instant(const hole *h)
{
    return h->of == HOLE_NOW || h->of == HOLE_TODAY ||
           (h->of == HOLE_FIELD && h->leaf && h->leaf->meaning == LIA_M_INSTANT);
}

static lia_err read_path(const scanner *s, const lia_kind *kind, lia_span path, hole *out)
{
    bool dotted, dotted_twice;
    lia_span rest = path, first = take(&rest, '.', &dotted);
    *out = (hole){.of = HOLE_FIELD};
    if (lia_span_is(path, "id")) out->of = HOLE_ID;
    if (lia_span_is(path, "now")) out->of = HOLE_NOW;
    if (lia_span_is(path, "today")) out->of = HOLE_TODAY;
    if (out->of != HOLE_FIELD) return LIA_OK;
    const lia_field *field = lia_field_by_name(kind->message, first);
    if (!dotted || !field || !field->reference)
        return read_leaf(s, out, kind->message, first, rest, dotted);
    out->via = field;
    out->other = lia_kind_find(field->reference);
    if (field->repeated) return refuse(s, "several records are named by", first, kind->name);
    if (!out->other || out->other->secret) return refuse(s, "nothing can be shown of", first, NULL);
    first = take(&rest, '.', &dotted_twice);
    if (lia_span_is(first, "id") && !dotted_twice) {
        out->of = HOLE_ID;
        return LIA_OK;
    }
    return read_leaf(s, out, out->other->message, first, rest, dotted_twice);
}

static lia_err read_hole(const scanner *s, const lia_kind *kind, lia_span inner, hole *out)
{
    int64_t shift;
    lia_span path = trim(inner);
    lia_err err = read_shift(s, &path, &shift);
    if (!err) err = read_path(s, kind, path, out);
    if (err) return err;
    out->shift_ms = shift;
    if (shift && !is_instant(out))
        return refuse(s, "only an instant can be moved, not", path, NULL);
    return LIA_OK;
}

/* The text up to the next hole, and what is in that; false at the end. LIA_EINVAL: it has no end.
 */
static lia_err next_hole(scanner *s, lia_span *plain, lia_span *inner, bool *is_hole)
{
    size_t begin = s->at;
    *is_hole = false;
    for (; s->at + 1 < s->text.size; s->at++)
        if (s->text.data[s->at] == '{' && s->text.data[s->at + 1] == '{') break;
    if (s->at + 1 >= s->text.size) s->at = s->text.size;
    *plain = lia_span_make(s->text.data + begin, s->at - begin);
    if (s->at == s->text.size) return LIA_OK;
    s->column = s->at + 1;
    size_t from = s->at + 2, end = from;
    while (end + 1 < s->text.size && !(s->text.data[end] == '}' && s->text.data[end + 1] == '}'))
        end++;
    if (end + 1 >= s->text.size)
        return lia_why_set(s->why, LIA_EINVAL, "column %zu: }} is missing", s->column);
    *inner = lia_span_make(s->text.data + from, end - from);
    *is_hole = true;
    s->at = end + 2;
    return LIA_OK;
}

lia_err lia_template_check(lia_span text, const lia_kind *kind, lia_why *why)
{
    scanner s = {.text = text, .why = why};
    if (text.size > LIA_TEMPLATE_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "longer than %zu bytes", LIA_TEMPLATE_BYTES_MAX);
    while (s.at < text.size) {
        lia_span plain, inner;
        bool is_hole;
        hole h;
        lia_err err = next_hole(&s, &plain, &inner, &is_hole);
        if (!err && is_hole) err = read_hole(&s, kind, inner, &h);
        if (err) return err;
    }
    return LIA_OK;
}

/* ---- filling --------------------------------------------------------------------------------- */

/* Without the quotes that text, names and instants have in JSON. */
static void put_unquoted(lia_buf *out, const lia_buf *json)
{
    lia_span text = lia_buf_get(json);
    bool quoted = text.size > 1 && text.data[0] == '"';
    out->failed |= json->failed;
    lia_buf_span(out, quoted ? lia_span_make(text.data + 1, text.size - 2) : text);
}

static void put_time(lia_buf *out, int64_t ms, int64_t shift_ms)
{
    char text[LIA_TIME_TEXT_SIZE];
    int64_t moved;
    if (__builtin_add_overflow(ms, shift_ms, &moved)) return;
    lia_time_print((lia_time){moved}, text);
    lia_buf_text(out, text);
}

static void put_value(lia_buf *out, const lia_field *field, const lia_pb_field *value,
                      int64_t shift_ms, lia_template_as as)
{
    if (field->type == LIA_T_STRING && as != LIA_AS_JSON) {
        lia_buf_span(out, value->bytes);
    } else if (field->meaning == LIA_M_INSTANT) {
        put_time(out, (int64_t)value->value, shift_ms);
    } else {
        lia_buf json = lia_buf_make(out->arena);
        lia_json_put_value(&json, field, value->wire, value->bytes);
        put_unquoted(out, &json);
    }
}

static int64_t midnight(int64_t now)
{
    int64_t rest = now % LIA_DAY_MS;
    return now - (rest < 0 ? rest + LIA_DAY_MS : rest);
}

static void put_id(lia_buf *out, lia_id id)
{
    char text[LIA_ID_TEXT_SIZE];
    lia_id_print(id, text);
    lia_buf_text(out, text);
}

static void put_field(lia_buf *out, const hole *h, const lia_filter_subject *subject,
                      lia_template_as as)
{
    lia_span message = subject->message;
    lia_pb_field found, part;
    if (h->via) {
        const lia_filter_world *world = subject->world;
        if (!lia_pb_find(message, h->via->number, &found)) return;
        if (h->of == HOLE_ID) {
            put_id(out, lia_id_from(found.bytes));
            return;
        }
        if (!world ||
            !world->load(world->context, h->other->number, lia_id_from(found.bytes), &message))
            return;
    }
    if (!lia_pb_find(message, h->outer->number, &found)) return;
    if (h->leaf == h->outer)
        put_value(out, h->leaf, &found, h->shift_ms, as);
    else if (lia_pb_find(found.bytes, h->leaf->number, &part))
        put_value(out, h->leaf, &part, h->shift_ms, as);
}

static void put_hole(lia_buf *out, const hole *h, const lia_filter_subject *subject,
                     lia_template_as as)
{
    int64_t now = subject->world ? subject->world->now.ms : 0;
    if (h->of == HOLE_NOW)
        put_time(out, now, h->shift_ms);
    else if (h->of == HOLE_TODAY)
        put_time(out, midnight(now), h->shift_ms);
    else if (h->of == HOLE_ID && !h->via)
        put_id(out, subject->id);
    else
        put_field(out, h, subject, as);
}

static bool is_unreserved(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_encoded(lia_buf *out, const hole *h, const lia_filter_subject *subject)
{
    lia_buf plain = lia_buf_make(out->arena);
    put_hole(&plain, h, subject, LIA_AS_URL);
    out->failed |= plain.failed;
    for (size_t i = 0; i < plain.size; i++)
        if (is_unreserved(plain.data[i]))
            lia_buf_byte(out, plain.data[i]);
        else
            lia_buf_format(out, "%%%02X", plain.data[i]);
}

lia_err lia_template_fill(lia_buf *out, lia_span text, const lia_kind *kind,
                          const lia_filter_subject *subject, lia_template_as as)
{
    scanner s = {.text = text};
    while (s.at < text.size) {
        lia_span plain, inner;
        bool is_hole;
        hole h;
        if (next_hole(&s, &plain, &inner, &is_hole)) break;
        lia_buf_span(out, plain);
        if (!is_hole || read_hole(&s, kind, inner, &h)) continue;
        if (as == LIA_AS_URL)
            put_encoded(out, &h, subject);
        else
            put_hole(out, &h, subject, as);
    }
    return out->failed ? LIA_EFULL : LIA_OK;
}

bool lia_template_has_holes(lia_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++)
        if (text.data[i] == '{' && text.data[i + 1] == '{') return true;
    return false;
}
