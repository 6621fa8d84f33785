/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/engine_inner.h"

lia_edge_kind lia_tie_kind(const lia_tie *tie)
{
    if (tie->word == LIA_WORD_SAME) return LIA_EDGE_LINK;
    if (tie->word == LIA_WORD_NOT_SAME) return LIA_EDGE_APART;
    return tie->verdict == LIA_MATCH_LINK    ? LIA_EDGE_LINK
           : tie->verdict == LIA_MATCH_APART ? LIA_EDGE_APART
                                             : LIA_EDGE_MAYBE;
}

/* Only a link can have any of several fates, and keeps the one it had until that is found out anew.
 */
lia_edge_fate lia_tie_first_fate(const lia_tie *is, const lia_tie_row *was)
{
    lia_edge_kind kind = lia_tie_kind(is);
    if (was && kind == lia_tie_kind(&was->tie)) return was->tie.fate;
    return kind == LIA_EDGE_APART ? LIA_EDGE_USED : LIA_EDGE_OPEN;
}

lia_err lia_ties_read(const lia_rows *rows, lia_id id, lia_arena *arena, lia_tie_row **out,
                      size_t *count)
{
    lia_key prefix = lia_identity_row_of(LIA_IDENTITY_TIE, id);
    lia_scan *scan;
    lia_span key, value;
    lia_buf all = lia_buf_make(arena);
    lia_tie_row row;
    *count = 0;
    lia_err err = lia_rows_scan(rows, lia_key_span(&prefix), &scan);
    if (err) return err;
    while (!err && lia_scan_next(scan, &key, &value)) {
        err = lia_identity_get_tie(key, value, &row);
        if (!err) lia_buf_add(&all, &row, sizeof row);
        *count += !err;
    }
    if (!err) err = lia_scan_status(scan);
    lia_scan_close(scan);
    *out = (lia_tie_row *)(void *)(uintptr_t)all.data;
    return err ? err : all.failed ? LIA_EFULL : LIA_OK;
}

static lia_err put_side(const lia_rows *rows, lia_id id, lia_id other, const lia_tie_row *is)
{
    uint8_t value[LIA_TIE_SIZE];
    lia_key key = lia_identity_row_of_pair(LIA_IDENTITY_TIE, id, other);
    if (!is) return lia_identity_del(rows, key);
    lia_identity_put_tie(value, is);
    return lia_identity_put(rows, key, LIA_SPAN_OF(value));
}

static lia_key question_of(lia_id id, const lia_tie *tie)
{
    bool first = memcmp(id.bytes, tie->other.bytes, LIA_ID_SIZE) < 0;
    return lia_identity_question(tie->score, first ? id : tie->other, first ? tie->other : id);
}

static bool asks_the_same(const lia_tie *a, const lia_tie *b)
{
    return a->score == b->score && a->certain == b->certain && a->fate == b->fate;
}

static lia_err change_question(lia_engine *engine, const lia_rows *rows, lia_id id,
                               const lia_tie_row *was, const lia_tie_row *is)
{
    bool asked = was && was->asked, asks = is && is->asked;
    lia_err err = LIA_OK;
    if (asked && asks && asks_the_same(&was->tie, &is->tie)) return LIA_OK;
    if (asked) err = lia_identity_del(rows, question_of(id, &was->tie));
    if (!err && asks) {
        uint8_t value[2] = {(uint8_t)is->tie.fate, is->tie.certain};
        err = lia_identity_put(rows, question_of(id, &is->tie), LIA_SPAN_OF(value));
    }
    engine->questions += asks;
    engine->questions -= asked;
    return err;
}

lia_err lia_tie_change(lia_engine *engine, const lia_rows *rows, lia_id id, const lia_tie_row *was,
                       const lia_tie_row *is)
{
    lia_id other = was ? was->tie.other : is->tie.other;
    lia_err err = change_question(engine, rows, id, was, is);
    if (!err) err = put_side(rows, id, other, is);
    if (!err) err = put_side(rows, other, id, is);
    return err;
}

static lia_err are_known(const lia_rows *rows, lia_id a, lia_id b, bool *known)
{
    lia_holds holds;
    lia_err err = lia_identity_holds(rows, a, &holds);
    if (!err) err = lia_identity_holds(rows, b, &holds);
    *known = !err;
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_tie_say(lia_engine *engine, const lia_rows *rows, lia_id a, lia_id b, lia_word word,
                    lia_arena *arena)
{
    bool known;
    lia_tie_row was = {.tie = {.other = b}}, is;
    lia_key key = lia_identity_row_of_pair(LIA_IDENTITY_TIE, a, b);
    lia_span value;
    lia_err err = are_known(rows, a, b, &known);
    if (err || !known) return err;
    err = lia_rows_get(rows, lia_key_span(&key), &value);
    bool had = !err;
    if (had) err = lia_identity_get_tie(lia_key_span(&key), value, &was);
    if (err && err != LIA_EABSENT) return err;
    is = was;
    is.asked = false;
    is.tie.word = word;
    bool has = is.tie.verdict || word;
    if (was.tie.word == word) return LIA_OK;
    if (has) is.tie.fate = lia_tie_first_fate(&is.tie, had ? &was : NULL);
    err = lia_tie_change(engine, rows, a, had ? &was : NULL, has ? &is : NULL);
    if (!err) err = lia_step_join(engine, rows, a, arena);
    return err ? err : lia_step_join(engine, rows, b, arena);
}
