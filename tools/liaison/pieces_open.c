/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a backup, and pieces opened with it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus/file.h"
#include "tools/liaison/pieces.h"

/* ---- the key --------------------------------------------------------------------------------- */

#define TITLE "liaison backup key 1\n"

lia_err lia_backup_key_write(const lia_backup_key *key, const char *path, lia_why *why)
{
    char secret[65], admin[65], cluster[LIA_ID_TEXT_SIZE], text[512];
    lia_hex_print(LIA_SPAN_OF(key->secret), secret);
    lia_hex_print(LIA_SPAN_OF(key->admin), admin);
    lia_id_print(key->cluster, cluster);
    snprintf(text, sizeof text, TITLE "secret %s\ncluster %s\nadmin %s\n", secret, cluster, admin);
    lia_err err = lia_file_replace(path, lia_span_text(text), 0600, why);
    lia_wipe(text, sizeof text);
    lia_wipe(secret, sizeof secret);
    return err;
}

/* The rest of the line that begins with `word`. */
static bool take_line(lia_span *rest, const char *word, lia_span *value)
{
    size_t size = strlen(word);
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    if (!end || !lia_span_starts(*rest, lia_span_text(word))) return false;
    *value = lia_span_make(rest->data + size, (size_t)(end - rest->data) - size);
    *rest = lia_span_skip(*rest, (size_t)(end - rest->data) + 1);
    return true;
}

static int wrong_line(lia_backup_key *out, lia_span text)
{
    lia_span value;
    if (!take_line(&text, "liaison backup key 1", &value) || value.size) return 1;
    if (!take_line(&text, "secret ", &value) ||
        lia_hex_parse(value, out->secret.bytes, sizeof out->secret.bytes))
        return 2;
    if (!take_line(&text, "cluster ", &value) || lia_id_parse(value, &out->cluster)) return 3;
    if (!take_line(&text, "admin ", &value) ||
        lia_hex_parse(value, out->admin.bytes, sizeof out->admin.bytes))
        return 4;
    return 0;
}

lia_err lia_backup_key_read(lia_backup_key *out, const char *path, lia_why *why)
{
    uint8_t text[1024];
    size_t size;
    lia_err err = lia_file_read(path, true, text, sizeof text, &size, why);
    if (err) return err;
    int line = wrong_line(out, lia_span_make(text, size));
    lia_wipe(text, sizeof text);
    if (!line) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "%s, line %d: this is no key of a backup; 'liaison backup key' makes one",
                       path, line);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

typedef struct opening {
    const lia_piece *piece;
    const char *node;
    lia_shelf *shelf;
    const lia_opened *to;
    lia_part_chain chain;
    lia_bytes volume;
    lia_arena arena;
    char name[LIA_VOLUME_NAME_SIZE];
} opening;

static bool signed_by_member(const lia_members *members, const lia_part_view *view)
{
    const lia_member *member = lia_members_find(members, view->part.origin.node);
    if (member && lia_part_is_signed(view, &member->verify_key)) return true;
    for (size_t i = 0; i < members->former_count; i++)
        if (members->former[i].number == view->part.origin.node &&
            lia_part_is_signed(view, &members->former[i].key))
            return true;
    return false;
}

static lia_err open_part(opening *o, const lia_part_view *view, lia_why *why)
{
    lia_buf rows = lia_buf_make(&o->arena);
    lia_letter_public public = lia_letter_public_of(&o->to->key->secret);
    if (memcmp(&view->part.cluster, &o->to->key->cluster, sizeof view->part.cluster))
        return lia_why_set(why, LIA_EDENIED, "it is of another cluster than the key");
    if (memcmp(&view->part.recipient, &public, sizeof public))
        return lia_why_set(why, LIA_EDENIED, "it was sealed for another key");
    if (o->to->members && !signed_by_member(o->to->members, view))
        return lia_why_set(why, LIA_EDENIED, "no member of the cluster has signed it");
    lia_err err = lia_part_open(view, &o->to->key->secret, &rows);
    if (err) return lia_why_set(why, err, "it cannot be opened: %s", lia_err_text(err));
    err = o->to->rows(o->to->context, &view->part, lia_buf_get(&rows), why);
    lia_wipe(rows.data, rows.size);
    lia_arena_reset(&o->arena);
    return err;
}

static lia_err fetch(opening *o, size_t number, lia_why *why)
{
    lia_volume_name(o->name, o->node, o->piece->id, number);
    lia_err err = lia_shelf_get(o->shelf, o->name, &o->volume, why);
    if (err == LIA_EABSENT)
        return lia_why_set(why, LIA_ECORRUPT, "%s/%s is missing", o->shelf->place, o->name);
    if (err) return err;
    lia_hash hash = lia_volume_hash(lia_span_make(o->volume.data, o->volume.size));
    if (lia_hash_equal(&hash, &o->piece->volumes[number - 1])) return LIA_OK;
    return lia_why_set(why, LIA_ECORRUPT, "%s/%s is not what was written: its checksum differs",
                       o->shelf->place, o->name);
}

/* All of a volume's parts; `only_last`: of the others just where they end. */
static lia_err open_volume(opening *o, bool only_last, lia_why *why)
{
    lia_part_view view;
    lia_why inner = {{0}};
    lia_err err = LIA_OK;
    lia_span all = lia_span_make(o->volume.data, o->volume.size), rest = all;
    while (!err && rest.size) {
        size_t at = all.size - rest.size;
        err = lia_part_cut(&view, &rest, &inner);
        if (!err && !only_last) err = lia_part_follows(&o->chain, &view, &inner);
        if (!err && (!only_last || view.part.last)) err = open_part(o, &view, &inner);
        if (err)
            lia_why_set(why, err, "%.300s/%s, byte %zu: %.400s", o->shelf->place, o->name, at,
                        inner.text);
    }
    return err;
}

static lia_err check_end(const opening *o, const lia_hash *parent, lia_why *why)
{
    const lia_part_view *at = &o->chain.at;
    const char *wrong = NULL;
    if (!at->part.last)
        wrong = "its last part is missing";
    else if (!lia_hash_equal(&at->hash, &o->piece->end))
        wrong = "it ends otherwise than the list says";
    else if (!lia_hash_equal(&at->part.parent, parent))
        wrong = "it goes on from another piece than the one before it";
    if (!wrong) return LIA_OK;
    return lia_why_set(why, LIA_ECORRUPT, "piece %s of %s: %s", o->piece->id, o->node, wrong);
}

static lia_err begin(opening *o, const lia_piece *piece, const char *node, lia_shelf *shelf,
                     const lia_opened *to, lia_why *why)
{
    *o = (opening){.piece = piece, .node = node, .shelf = shelf, .to = to};
    return lia_arena_init(&o->arena, 2 * LIA_PART_ROWS_MAX)
               ? lia_why_set(why, LIA_EFULL, "no memory")
               : LIA_OK;
}

static void end(opening *o)
{
    lia_arena_fini(&o->arena);
    lia_bytes_fini(&o->volume);
}

lia_err lia_piece_open(const lia_piece *piece, const char *node, lia_shelf *shelf,
                       const lia_opened *to, const lia_hash *parent, lia_why *why)
{
    opening o;
    lia_err err = begin(&o, piece, node, shelf, to, why);
    for (size_t i = 1; !err && i <= piece->volume_count; i++) {
        err = fetch(&o, i, why);
        if (!err) err = open_volume(&o, false, why);
    }
    if (!err) err = check_end(&o, parent, why);
    end(&o);
    return err;
}

lia_err lia_piece_open_last(const lia_piece *piece, const char *node, lia_shelf *shelf,
                            const lia_opened *to, lia_why *why)
{
    opening o;
    lia_err err = begin(&o, piece, node, shelf, to, why);
    if (!err) err = fetch(&o, piece->volume_count, why);
    if (!err) err = open_volume(&o, true, why);
    end(&o);
    return err;
}
