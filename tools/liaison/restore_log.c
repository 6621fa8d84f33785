/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/restore.h"

#include <stdlib.h>
#include <string.h>

#include "common/backup/restore.h"
#include "tools/liaison/out.h"

/* ---- what stands beside the log ---------------------------------------------------------------
 */

typedef struct reading {
    lia_beside *out;
    lia_ledger *ledger;
    lia_id cluster;
} reading;

void lia_beside_fini(lia_beside *beside)
{
    if (beside->keys_file.size) lia_wipe(beside->keys_file.data, beside->keys_file.size);
    lia_bytes_fini(&beside->members_file);
    lia_bytes_fini(&beside->admin_file);
    lia_bytes_fini(&beside->keys_file);
}

static lia_err take_file(reading *r, const lia_part_row *row, lia_why *why)
{
    lia_bytes *to = NULL;
    if (lia_span_is(row->key, "members")) to = &r->out->members_file;
    if (lia_span_is(row->key, "admin.pub")) to = &r->out->admin_file;
    if (lia_span_is(row->key, "node.keys")) to = &r->out->keys_file;
    if (to && !lia_bytes_add(to, row->value.data, row->value.size))
        return lia_why_set(why, LIA_EFULL, "no memory");
    if (lia_span_is(row->key, "erasures"))
        return lia_ledger_parse(r->ledger, r->cluster, row->value, why);
    return LIA_OK;
}

static lia_err take_files(void *context, const lia_part *part, lia_span rows, lia_why *why)
{
    lia_part_row row;
    lia_err err;
    (void)part;
    while (!(err = lia_part_next(&rows, &row))) {
        if (row.table == LIA_PART_FILE) err = take_file(context, &row, why);
        if (err) return err;
    }
    return err == LIA_EABSENT ? LIA_OK : lia_why_set(why, err, "the rows end in the middle of one");
}

/* The list is believed for its signature, and the part then for the list. */
lia_err lia_beside_read(lia_beside *out, lia_ledger *ledger, const lia_pieces *pieces,
                        lia_shelf *shelf, const lia_backup_key *key, lia_why *why)
{
    *out = (lia_beside){.members = {.epoch = 0}};
    lia_ledger unchecked = {0};
    reading r = {out, &unchecked, key->cluster};
    lia_opened to = {.key = key, .rows = take_files, .context = &r};
    const lia_piece *newest = &pieces->list[pieces->count - 1];
    lia_err err = lia_piece_open_last(newest, pieces->node, shelf, &to, why);
    lia_ledger_fini(&unchecked);
    if (!err)
        err = lia_members_parse(&out->members, &key->admin,
                                lia_span_make(out->members_file.data, out->members_file.size), why);
    if (err) return err;
    lia_beside_fini(out);
    r.ledger = ledger;
    to.members = &out->members;
    return lia_piece_open_last(newest, pieces->node, shelf, &to, why);
}

/* ---- which pieces -----------------------------------------------------------------------------
 */

/* From the full one that they all go on from: first .. whole, and `cut` where the moment lies in
 * one. */
typedef struct choice {
    size_t first, whole; /* of pieces: [first, whole) count whole */
    bool cut;            /* and of the one at `whole` what was written by then */
} choice;

static lia_err choose(choice *out, const lia_pieces *pieces, lia_time until, lia_why *why)
{
    char oldest[LIA_TIME_TEXT_SIZE];
    size_t whole = 0;
    while (whole < pieces->count && pieces->list[whole].time.ms <= until.ms) whole++;
    if (!whole) {
        lia_time_print(pieces->list[0].time, oldest);
        return lia_why_set(why, LIA_EABSENT,
                           "the oldest piece of %s is of %s: no earlier moment can be restored",
                           pieces->node, oldest);
    }
    out->whole = whole;
    /* Also of a full one: arrivals are counted on as long as the node writes one lane. */
    out->cut = whole < pieces->count &&
               pieces->list[whole].incarnation == pieces->list[whole - 1].incarnation;
    out->first = whole - 1;
    while (out->first > 0 && !pieces->list[out->first].full) out->first--;
    return LIA_OK;
}

/* ---- rows into the log ------------------------------------------------------------------------
 */

typedef struct filling {
    lia_restore *restore;
    const lia_pieces *pieces;
    lia_shelf *shelf;
    lia_opened to;
    lia_time until;
    enum { WHOLE, NEWEST, LOOK, SOME } mode;
    uint64_t from; /* of the piece that is cut: arrivals before are there */
    uint64_t bytes;
    lia_progress progress;
} filling;

static lia_err fill(void *context, const lia_part *part, lia_span rows, lia_why *why)
{
    filling *f = context;
    (void)part;
    f->bytes += rows.size;
    if (lia_progress_due(&f->progress))
        lia_progress_show(&f->progress, "%s: %s MiB restored", f->pieces->node,
                          lia_out_count(f->bytes >> 20));
    if (f->mode == LOOK) return lia_restore_look(f->restore, rows, f->from, why);
    if (f->mode == SOME) return lia_restore_some(f->restore, rows, f->until, why);
    return lia_restore_rows(f->restore, rows, f->mode == NEWEST, why);
}

static lia_err open_piece(filling *f, size_t i, lia_why *why)
{
    static const lia_hash none;
    const lia_piece *piece = &f->pieces->list[i];
    const lia_hash *parent = piece->full ? &none : &f->pieces->list[i - 1].end;
    return lia_piece_open(piece, f->pieces->node, f->shelf, &f->to, parent, why);
}

static lia_err fill_all(filling *f, const choice *chosen, lia_why *why)
{
    lia_err err = LIA_OK;
    for (size_t i = chosen->first; !err && i < chosen->whole; i++) {
        f->mode = i + 1 == chosen->whole ? NEWEST : WHOLE;
        err = open_piece(f, i, why);
    }
    if (!err && chosen->cut) {
        f->mode = LOOK;
        f->from = f->pieces->list[chosen->whole - 1].to;
        err = open_piece(f, chosen->whole, why);
        f->mode = SOME;
        if (!err) err = open_piece(f, chosen->whole, why);
    }
    lia_progress_end(&f->progress);
    return err;
}

lia_err lia_restore_log(lia_restored *out, const char *dir, const lia_pieces *pieces,
                        lia_shelf *shelf, const lia_backup_key *key, const lia_members *members,
                        const lia_ledger *ledger, lia_time until, lia_why *why)
{
    choice chosen;
    filling f = {.pieces = pieces,
                 .shelf = shelf,
                 .until = until,
                 .to = {.key = key, .members = members, .rows = fill}};
    f.to.context = &f;
    lia_err err = choose(&chosen, pieces, until, why);
    if (!err) err = lia_restore_open(&f.restore, dir, ledger, why);
    if (!err) err = fill_all(&f, &chosen, why);
    if (!err) err = lia_restore_end(f.restore, &out->events, &out->erased, why);
    lia_restore_close(f.restore);
    if (err) return err;
    out->pieces = chosen.whole - chosen.first + chosen.cut;
    out->until = chosen.cut ? until : pieces->list[chosen.whole - 1].time;
    return LIA_OK;
}
