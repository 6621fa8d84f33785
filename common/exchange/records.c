/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/records.h"

#include "common/exchange/sniff.h"
#include "common/exchange/vcard.h"
#include "common/wire/utf8.h"

#define SNIFF_BYTES ((size_t)64 << 10)

typedef struct reading {
    lia_records *out;
    lia_intake *intake;
    lia_arena *arena;
    lia_why *why;
    lia_span *names; /* a header that waits for the row behind it */
    size_t name_count;
    bool mapped;
    lia_err err;
} reading;

static lia_err add(reading *r, uint64_t line, lia_span json, const char *reason)
{
    lia_records *out = r->out;
    if (out->count == out->capacity) {
        size_t capacity = out->capacity ? out->capacity * 2 : 1024;
        lia_records_item *items = lia_arena_take(r->arena, capacity * sizeof *items);
        if (!items) return LIA_EFULL;
        if (out->count) memcpy(items, out->items, out->count * sizeof *items);
        out->items = items;
        out->capacity = capacity;
    }
    out->items[out->count++] = (lia_records_item){r->intake->line - 1 + line, json, reason};
    return LIA_OK;
}

static lia_err add_bad(reading *r, uint64_t line, const char *reason)
{
    return add(r, line, LIA_SPAN_NONE, lia_arena_text(r->arena, "%s", reason));
}

/* ---- tables ---------------------------------------------------------------------------------- */

static lia_err copy_names(reading *r, const lia_span *cells, size_t count)
{
    r->names = lia_arena_take(r->arena, (count + 1) * sizeof *r->names);
    if (!r->names) return LIA_EFULL;
    for (size_t i = 0; i < count; i++) {
        if (!lia_utf8_valid(cells[i]))
            return lia_why_set(r->why, LIA_EINVAL, "column %zu: its name is not UTF-8", i + 1);
        r->names[i] = lia_arena_copy(r->arena, cells[i]);
    }
    r->name_count = count;
    return r->arena->exhausted ? LIA_EFULL : LIA_OK;
}

static bool is_in(const lia_span *names, size_t count, lia_span name)
{
    for (size_t i = 0; i < count; i++)
        if (lia_span_equal(names[i], name)) return true;
    return false;
}

/* A column of the mapping that the file does not have is a mistake that would lose data. */
static lia_err check_mapping(const reading *r)
{
    const lia_intake *intake = r->intake;
    for (size_t i = 0; i < intake->mapping_count; i++) {
        lia_span name = intake->mapping[i].column;
        if (is_in(r->names, r->name_count, name)) continue;
        return lia_why_set(r->why, LIA_EINVAL, "mapping: the file has no column '%.*s'",
                           name.size > 60 ? 60 : (int)name.size, (const char *)name.data);
    }
    return LIA_OK;
}

/* Without a mapping, columns are what they probably are. */
static lia_err propose(reading *r, const lia_span *sample)
{
    lia_intake *intake = r->intake;
    lia_proposal *proposal = lia_arena_take(r->arena, sizeof *proposal);
    lia_csv_rename *mapping = lia_arena_take(r->arena, r->name_count * sizeof *mapping);
    if (!proposal || !mapping) return LIA_EFULL;
    lia_propose(proposal, intake->kind, r->names, sample, r->name_count);
    for (size_t i = 0; i < r->name_count; i++)
        mapping[i] = (lia_csv_rename){r->names[i], lia_span_text(proposal->fields[i])};
    intake->mapping = mapping;
    intake->mapping_count = r->name_count;
    if (proposal->source && !*intake->source) strcpy(intake->source, proposal->source);
    r->out->proposal = proposal;
    return LIA_OK;
}

/* Columns that a mapping does not name are left out. */
static lia_span path_of(const lia_intake *intake, lia_span name)
{
    for (size_t i = 0; i < intake->mapping_count; i++)
        if (lia_span_equal(intake->mapping[i].column, name)) return intake->mapping[i].field;
    return LIA_SPAN_NONE;
}

static lia_err make_map(reading *r)
{
    lia_intake *intake = r->intake;
    lia_span *paths = lia_arena_take(r->arena, (r->name_count + 1) * sizeof *paths);
    if (!paths) return LIA_EFULL;
    size_t used = 0;
    for (size_t i = 0; i < r->name_count; i++) {
        paths[i] = path_of(intake, r->names[i]);
        used += paths[i].size > 0;
    }
    lia_err err =
        lia_csv_map_make(&r->out->map, intake->kind, paths, r->name_count, NULL, 0, r->why);
    if (!err && !used)
        err = lia_why_set(r->why, LIA_EINVAL, "mapping: no column is a field of %s",
                          intake->kind->plural);
    if (*intake->source) r->out->map.source = intake->source;
    intake->columns = r->names;
    intake->column_count = r->name_count;
    r->mapped = !err;
    return err;
}

static lia_err begin_table(reading *r, const lia_span *sample, size_t count)
{
    lia_err err = LIA_OK;
    if (!r->intake->mapping_count)
        err = propose(r, count == r->name_count ? sample : NULL);
    else if (!r->intake->column_count)
        err = check_mapping(r);
    return err ? err : make_map(r);
}

static lia_err take_row(void *context, uint64_t line, const lia_span *cells, size_t count)
{
    reading *r = context;
    lia_why why = {{0}};
    if (!r->names) return r->err = copy_names(r, cells, count);
    if (!r->mapped) r->err = begin_table(r, cells, count);
    if (r->err) return r->err;
    for (size_t i = 0; i < count; i++) {
        if (lia_utf8_valid(cells[i])) continue;
        lia_why_set(&why, LIA_EINVAL, "column %zu: not UTF-8", i + 1);
        return r->err = add_bad(r, line, why.text);
    }
    lia_buf json = lia_buf_make(r->arena);
    size_t mark = lia_arena_mark(r->arena);
    lia_err err = lia_csv_map_put(&r->out->map, cells, count, &json, &why);
    if (err == LIA_EINVAL) {
        lia_arena_back(r->arena, mark);
        return r->err = add_bad(r, line, why.text);
    }
    return r->err = err ? err : add(r, line, lia_buf_get(&json), NULL);
}

/* "line 12, column 3: text" -> "column 3: text": the line stands beside it already. */
static const char *without_line(const char *text)
{
    const char *comma = strncmp(text, "line ", 5) == 0 ? strstr(text, ", ") : NULL;
    return comma ? comma + 2 : text;
}

static uint64_t lines_in(lia_span text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.size; i++) count += text.data[i] == '\n';
    return count;
}

static lia_err read_table(reading *r, lia_span text, bool last, size_t *taken)
{
    lia_csv_reader *reader;
    lia_why why = {{0}};
    size_t at = 0, used;
    lia_intake *intake = r->intake;
    if (!intake->has_delimiter) {
        size_t size = text.size < SNIFF_BYTES ? text.size : SNIFF_BYTES;
        intake->delimiter = lia_csv_sniff(lia_span_make(text.data, size));
        intake->has_delimiter = true;
    }
    lia_err err = lia_csv_open(&reader, intake->delimiter, take_row, r);
    while (!err && !r->err && at < text.size) {
        err = lia_csv_feed(reader, lia_span_skip(text, at), &used, &why);
        at += used;
        if (!err || r->err) continue;
        err = add_bad(r, 1 + lines_in(lia_span_make(text.data, at ? at - 1 : 0)),
                      without_line(why.text));
    }
    if (!err && !r->err && last && (err = lia_csv_end(reader, &why)) && !r->err)
        err = add_bad(r, 1 + lines_in(lia_span_make(text.data, (size_t)lia_csv_whole(reader))),
                      without_line(why.text));
    *taken = last ? text.size : (size_t)lia_csv_whole(reader);
    lia_csv_close(reader);
    if (!err) err = r->err;
    if (!err && r->names && !r->mapped) err = begin_table(r, NULL, 0);
    return err;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static lia_span trimmed(lia_span line)
{
    while (line.size && strchr(" \t\r", line.data[line.size - 1]) && line.data[line.size - 1])
        line.size--;
    return line;
}

static lia_err read_lines(reading *r, lia_span text, bool last, size_t *taken)
{
    lia_err err = LIA_OK;
    size_t at = 0;
    for (uint64_t line = 1; !err && at < text.size; line++) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
        if (!end && !last) break;
        size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
        lia_span json = trimmed(lia_span_make(text.data + at, size));
        if (json.size) err = add(r, line, json, NULL);
        at += size + (end != NULL);
    }
    *taken = at;
    return err;
}

/* ---- cards ----------------------------------------------------------------------------------- */

static lia_err read_card(reading *r, uint64_t line, lia_span card)
{
    lia_why why = {{0}};
    lia_buf json = lia_buf_make(r->arena);
    lia_err err = lia_vcard_put(card, &json, &why);
    if (err == LIA_EINVAL) return add_bad(r, line, why.text);
    return err ? err : add(r, line, lia_buf_get(&json), NULL);
}

/* A card's line is that of its beginning. */
static lia_err read_cards(reading *r, lia_span text, bool last, size_t *taken)
{
    lia_span card, rest = text;
    size_t before;
    uint64_t line = 1;
    lia_err err = LIA_OK;
    while (!err && lia_vcard_cut(rest, &card, &before)) {
        if (!last && card.data[card.size - 1] != '\n') break; /* its line goes on, perhaps */
        line += lines_in(lia_span_make(rest.data, before));
        err = read_card(r, line, card);
        line += lines_in(card);
        rest = lia_span_skip(rest, before + card.size);
    }
    *taken = last ? text.size : text.size - rest.size;
    bool is_cut = last && rest.size && memchr(rest.data, ':', rest.size);
    if (!err && is_cut)
        err = add_bad(r, line, "a card that does not end, or something else than a card");
    return err;
}

/* ---- a piece --------------------------------------------------------------------------------- */

static lia_err read_text(reading *r, lia_span text, bool last, size_t *taken)
{
    switch (r->intake->format) {
    case LIA_INTAKE_CSV:
        return read_table(r, text, last, taken);
    case LIA_INTAKE_JSONL:
        return read_lines(r, text, last, taken);
    case LIA_INTAKE_VCARD:
        return read_cards(r, text, last, taken);
    }
    return LIA_EINVAL;
}

lia_err lia_records_read(lia_records *out, lia_intake *intake, lia_span piece, bool last,
                         lia_arena *arena, lia_why *why)
{
    size_t mark = 0, taken = 0;
    const lia_intake before = *intake;
    reading r = {.out = out, .intake = intake, .arena = arena, .why = why};
    *out = (lia_records){.line = intake->line};
    if (!intake->offset) {
        size_t size = piece.size < SNIFF_BYTES ? piece.size : SNIFF_BYTES;
        lia_encoding found = lia_text_detect(lia_span_make(piece.data, size), &mark);
        if (!intake->has_encoding) intake->encoding = found;
        intake->has_encoding = true;
    }
    if (intake->offset && intake->column_count) {
        r.names = intake->columns;
        r.name_count = intake->column_count;
    }
    lia_buf text = lia_buf_make(arena);
    size_t decoded = lia_text_decode(intake->encoding, lia_span_skip(piece, mark), &text);
    bool whole = mark + decoded == piece.size; /* else it ends inside a character */
    if (text.failed) return LIA_EFULL;
    lia_err err = read_text(&r, lia_buf_get(&text), last, &taken);
    if (err) return err;
    if (!last && !intake->offset && !out->count) { /* too little to find anything out from */
        *intake = before;
        return LIA_OK;
    }
    lia_span done = lia_span_make(text.data, taken);
    out->taken = mark + lia_text_raw_size(intake->encoding, done);
    if (last && !whole) err = add_bad(&r, 1 + lines_in(done), "the file ends inside a character");
    if (last) out->taken = piece.size;
    out->line = intake->line + lines_in(done);
    /* What is wrong with a row that is not whole is told with the rest of it. */
    while (!last && out->count && out->items[out->count - 1].line >= out->line) out->count--;
    return err;
}
