/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/pieces.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus/file.h"
#include "tools/liaison/out.h"

#define FORMAT 1

void lia_volume_name(char out[LIA_VOLUME_NAME_SIZE], const char *node, const char *piece,
                     size_t number)
{
    snprintf(out, LIA_VOLUME_NAME_SIZE, "%s/%s/%04zu", node, piece, number);
}

lia_hash lia_volume_hash(lia_span bytes)
{
    return lia_hash_of("liaison volume", &bytes, 1);
}

/* ---- the list from JSON ---------------------------------------------------------------------- */

static bool read_hash(const json_t *value, lia_hash *out)
{
    const char *text = json_string_value(value);
    return text && lia_hex_parse(lia_span_text(text), out->bytes, sizeof out->bytes) == LIA_OK;
}

static bool read_id(const json_t *value, char out[LIA_ID_TEXT_SIZE])
{
    lia_id id;
    const char *text = json_string_value(value);
    if (!text || lia_id_parse(lia_span_text(text), &id)) return false;
    lia_id_print(id, out);
    return true;
}

static bool read_count(const json_t *object, const char *name, uint64_t *out)
{
    const json_t *value = json_object_get(object, name);
    *out = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool read_volumes(const json_t *volumes, lia_piece *piece)
{
    piece->volume_count = json_array_size(volumes);
    if (!piece->volume_count || piece->volume_count > LIA_VOLUMES_MAX) return false;
    piece->volumes = calloc(piece->volume_count, sizeof *piece->volumes);
    for (size_t i = 0; piece->volumes && i < piece->volume_count; i++)
        if (!read_hash(json_array_get(volumes, i), &piece->volumes[i])) return false;
    return piece->volumes != NULL;
}

static const char *read_piece(const json_t *from, lia_piece *piece)
{
    uint8_t incarnation[8];
    uint64_t time;
    const char *text = json_string_value(json_object_get(from, "incarnation"));
    if (!read_id(json_object_get(from, "id"), piece->id)) return "id";
    if (!json_is_boolean(json_object_get(from, "full"))) return "full";
    piece->full = json_is_true(json_object_get(from, "full"));
    if (!read_count(from, "from", &piece->from)) return "from";
    if (!read_count(from, "to", &piece->to) || piece->to < piece->from) return "to";
    if (!read_count(from, "bytes", &piece->bytes)) return "bytes";
    if (!read_count(from, "time_ms", &time)) return "time_ms";
    piece->time.ms = (int64_t)time;
    if (!text || lia_hex_parse(lia_span_text(text), incarnation, sizeof incarnation))
        return "incarnation";
    piece->incarnation = lia_get_u64(incarnation);
    if (!read_hash(json_object_get(from, "end"), &piece->end)) return "end";
    return read_volumes(json_object_get(from, "volumes"), piece) ? NULL : "volumes";
}

static lia_err read_list(lia_pieces *out, const json_t *root, lia_why *why)
{
    const json_t *list = json_object_get(root, "pieces");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > LIA_PIECES_MAX)
        return lia_why_set(why, LIA_ECORRUPT, "pieces: a list of at most %d is wanted",
                           LIA_PIECES_MAX);
    out->list = calloc(count + 1, sizeof *out->list);
    if (!out->list) return lia_why_set(why, LIA_EFULL, "no memory");
    for (size_t i = 0; i < count; i++) {
        const char *wrong = read_piece(json_array_get(list, i), &out->list[out->count++]);
        if (!wrong && i == 0 && !out->list[0].full) wrong = "full";
        if (wrong)
            return lia_why_set(why, LIA_ECORRUPT, "pieces[%zu].%s is not what it should be", i,
                               wrong);
    }
    return LIA_OK;
}

static lia_err read_doomed(lia_pieces *out, const json_t *root, lia_why *why)
{
    const json_t *list = json_object_get(root, "doomed");
    char id[LIA_ID_TEXT_SIZE];
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (i >= LIA_PIECES_MAX || !read_id(json_array_get(list, i), id))
            return lia_why_set(why, LIA_ECORRUPT, "doomed[%zu] is not what it should be", i);
        if (lia_pieces_doom(out, id)) return lia_why_set(why, LIA_EFULL, "no memory");
    }
    return LIA_OK;
}

static lia_err read_root(lia_pieces *out, const json_t *root, lia_why *why)
{
    const char *cluster = json_string_value(json_object_get(root, "cluster"));
    json_int_t format = json_integer_value(json_object_get(root, "format"));
    if (format > FORMAT)
        return lia_why_set(why, LIA_EVERSION, "a newer release wrote it: install that one");
    if (format != FORMAT || !cluster || lia_id_parse(lia_span_text(cluster), &out->cluster))
        return lia_why_set(why, LIA_ECORRUPT, "format and cluster are not what they should be");
    lia_err err = read_list(out, root, why);
    return err ? err : read_doomed(out, root, why);
}

lia_err lia_pieces_parse(lia_pieces *out, const char *node, lia_span text, lia_why *why)
{
    json_error_t where;
    *out = (lia_pieces){.cluster = LIA_ID_NONE};
    snprintf(out->node, sizeof out->node, "%s", node);
    json_t *root = json_loadb((const char *)text.data, text.size, 0, &where);
    if (!root) return lia_why_set(why, LIA_ECORRUPT, "line %d: %s", where.line, where.text);
    lia_err err = read_root(out, root, why);
    json_decref(root);
    if (err) lia_pieces_fini(out);
    return err;
}

lia_err lia_pieces_read(lia_pieces *out, lia_shelf *shelf, const char *node, lia_why *why)
{
    char name[64];
    lia_bytes text = {0};
    lia_why inner = {{0}};
    snprintf(name, sizeof name, "%s/index", node);
    lia_err err = lia_shelf_get(shelf, name, &text, why);
    if (!err) {
        err = lia_pieces_parse(out, node, lia_span_make(text.data, text.size), &inner);
        if (err) lia_why_set(why, err, "%s/%s: %s", shelf->place, name, inner.text);
    } else if (err == LIA_EABSENT) {
        *out = (lia_pieces){.cluster = LIA_ID_NONE};
        snprintf(out->node, sizeof out->node, "%s", node);
        err = LIA_OK;
    }
    lia_bytes_fini(&text);
    return err;
}

/* ---- the list to JSON ------------------------------------------------------------------------ */

static json_t *piece_json(const lia_piece *piece)
{
    char end[2 * LIA_HASH_SIZE + 1], incarnation[17];
    json_t *volumes = json_array();
    for (size_t i = 0; i < piece->volume_count; i++) {
        lia_hex_print(LIA_SPAN_OF(piece->volumes[i]), end);
        json_array_append_new(volumes, json_string(end));
    }
    lia_hex_print(LIA_SPAN_OF(piece->end), end);
    snprintf(incarnation, sizeof incarnation, "%016llx", (unsigned long long)piece->incarnation);
    return json_pack("{s:s,s:b,s:I,s:I,s:I,s:I,s:s,s:s,s:o}", "id", piece->id, "full", piece->full,
                     "from", (json_int_t)piece->from, "to", (json_int_t)piece->to, "bytes",
                     (json_int_t)piece->bytes, "time_ms", (json_int_t)piece->time.ms, "incarnation",
                     incarnation, "end", end, "volumes", volumes);
}

static json_t *list_json(const lia_pieces *pieces)
{
    char cluster[LIA_ID_TEXT_SIZE];
    json_t *list = json_array(), *doomed = json_array();
    lia_id_print(pieces->cluster, cluster);
    for (size_t i = 0; i < pieces->count; i++)
        json_array_append_new(list, piece_json(&pieces->list[i]));
    for (size_t i = 0; i < pieces->doomed_count; i++)
        json_array_append_new(doomed, json_string(pieces->doomed[i]));
    return json_pack("{s:i,s:s,s:s,s:o,s:o}", "format", FORMAT, "cluster", cluster, "node",
                     pieces->node, "pieces", list, "doomed", doomed);
}

lia_err lia_pieces_write(const lia_pieces *pieces, lia_shelf *shelf, lia_why *why)
{
    char name[64];
    json_t *json = list_json(pieces);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    json_decref(json);
    if (!text) return lia_why_set(why, LIA_EFULL, "no memory");
    snprintf(name, sizeof name, "%s/index", pieces->node);
    lia_err err = lia_shelf_put(shelf, name, lia_span_text(text), why);
    free(text);
    return err;
}

/* ---- changing it ----------------------------------------------------------------------------- */

void lia_pieces_fini(lia_pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) free(pieces->list[i].volumes);
    free(pieces->list);
    free(pieces->doomed);
    *pieces = (lia_pieces){.cluster = LIA_ID_NONE};
}

lia_err lia_pieces_add(lia_pieces *pieces, const lia_piece *take_piece)
{
    lia_piece *grown = realloc(pieces->list, (pieces->count + 1) * sizeof *grown);
    if (!grown || pieces->count == LIA_PIECES_MAX) return LIA_EFULL;
    pieces->list = grown;
    pieces->list[pieces->count++] = *take_piece;
    return LIA_OK;
}

lia_err lia_pieces_doom(lia_pieces *pieces, const char *id)
{
    char(*grown)[LIA_ID_TEXT_SIZE] =
        realloc(pieces->doomed, (pieces->doomed_count + 1) * sizeof *grown);
    if (!grown) return LIA_EFULL;
    pieces->doomed = grown;
    snprintf(pieces->doomed[pieces->doomed_count++], LIA_ID_TEXT_SIZE, "%s", id);
    return LIA_OK;
}

void lia_pieces_spare(lia_pieces *pieces, const char *id)
{
    size_t kept = 0;
    for (size_t i = 0; i < pieces->doomed_count; i++)
        if (strcmp(pieces->doomed[i], id))
            memmove(pieces->doomed[kept++], pieces->doomed[i], LIA_ID_TEXT_SIZE);
    pieces->doomed_count = kept;
}

/* From the last volume to the first, so that a run that breaks off leaves no hole to stop at. */
static lia_err remove_piece(lia_shelf *shelf, const char *node, const char *id, lia_why *why)
{
    char name[LIA_VOLUME_NAME_SIZE];
    size_t count = 0;
    lia_err err;
    do {
        lia_volume_name(name, node, id, ++count);
        err = lia_shelf_has(shelf, name, why);
    } while (!err && count <= LIA_VOLUMES_MAX);
    if (err == LIA_EABSENT) err = LIA_OK;
    while (!err && --count > 0) {
        lia_volume_name(name, node, id, count);
        err = lia_shelf_remove(shelf, name, why);
    }
    return err;
}

lia_err lia_pieces_sweep(lia_pieces *pieces, lia_shelf *shelf, lia_why *why)
{
    if (!pieces->doomed_count) return LIA_OK;
    lia_err err = lia_pieces_write(pieces, shelf, why);
    for (size_t i = 0; !err && i < pieces->doomed_count; i++)
        err = remove_piece(shelf, pieces->node, pieces->doomed[i], why);
    if (err) return err;
    pieces->doomed_count = 0;
    return lia_pieces_write(pieces, shelf, why);
}

lia_err lia_pieces_thin(lia_pieces *pieces, size_t keep)
{
    size_t full = 0, first = pieces->count;
    while (first > 0 && full < keep) full += pieces->list[--first].full;
    if (full < keep) return LIA_OK;
    for (size_t i = 0; i < first; i++) {
        lia_err err = lia_pieces_doom(pieces, pieces->list[i].id);
        if (err) return err;
        free(pieces->list[i].volumes);
        pieces->list[i].volumes = NULL;
    }
    pieces->count -= first;
    memmove(pieces->list, pieces->list + first, pieces->count * sizeof *pieces->list);
    return LIA_OK;
}
