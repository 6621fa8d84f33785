/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_rig - what a node's rows must say when nothing waits, made from its records at one go by
 * the pure functions alone: no index, no queue, no order. For tests. */
#ifndef LIA_IDENTITY_ORACLE_RIG_H
#define LIA_IDENTITY_ORACLE_RIG_H

#include <stdio.h>
#include <stdlib.h>

#include "common/identity/current.h"
#include "common/node/turn.h"
#include "common/wire/sort.h"
#include "tests/support/test.h"

#define ORACLE_MAX      4096
#define ORACLE_TIES_MAX 65536

typedef struct oracle {
    lia_arena arena;
    lia_settings settings;
    lia_current *records[ORACLE_MAX];
    size_t count;
    lia_edge edges[ORACLE_TIES_MAX];
    lia_tie
        ties[ORACLE_TIES_MAX]; /* beside the edges as they were found; `other` is the upper one */
    lia_id lower[ORACLE_TIES_MAX];
    size_t edge_count;
    lia_cluster_member members[ORACLE_MAX];
    Crm__Sameness *said[ORACLE_MAX];
    size_t said_count;
} oracle;

static inline size_t oracle_ids(const lia_rows *rows, uint16_t kind, lia_id *out)
{
    lia_key prefix = lia_key_kind(kind);
    lia_scan *scan;
    lia_span key, value;
    size_t count = 0, tag = prefix.size + LIA_ID_SIZE;
    CHECK_OK(lia_rows_scan(rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &value)) {
        if (key.size != tag + 1 || key.data[tag] != LIA_TAG_STATE) continue;
        CHECK(count < ORACLE_MAX);
        out[count++] = lia_id_from(lia_span_make(key.data + prefix.size, LIA_ID_SIZE));
    }
    lia_scan_close(scan);
    return count;
}

static inline void oracle_read(oracle *o, const lia_rows *rows)
{
    lia_id *ids = lia_arena_take(&o->arena, ORACLE_MAX * sizeof *ids);
    CHECK_OK(lia_settings_read(&o->settings, rows, &o->arena));
    size_t count = oracle_ids(rows, LIA_CUSTOMER, ids);
    for (size_t i = 0; i < count; i++) {
        lia_current *record = lia_arena_take(&o->arena, sizeof *record);
        lia_err err = lia_current_make(record, rows, ids[i], o->settings.home, &o->arena);
        if (!err) o->records[o->count++] = record;
        CHECK(!err || err == LIA_EGONE || err == LIA_EABSENT);
    }
    count = oracle_ids(rows, LIA_SAMENESS, ids);
    for (size_t i = 0; i < count; i++) {
        lia_span bytes;
        lia_turn turn = {.arena = &o->arena};
        CHECK_OK(
            lia_rows_message(rows, lia_kind_find(LIA_SAMENESS), ids[i], &o->arena, &bytes, NULL));
        o->said[o->said_count++] =
            (void *)lia_turn_unpack(&turn, &crm__sameness__descriptor, bytes);
    }
}

/* Every record is asked about every key: slow, and surely right. */
static inline void oracle_count(oracle *o)
{
    for (size_t i = 0; i < o->count; i++)
        for (size_t k = 0; k < o->records[i]->profile.key_count; k++) {
            uint32_t holders = 0;
            for (size_t j = 0; j < o->count; j++)
                for (size_t l = 0; l < o->records[j]->profile.key_count; l++)
                    holders += lia_span_equal(o->records[j]->profile.keys[l].bytes,
                                              o->records[i]->profile.keys[k].bytes);
            o->records[i]->profile.keys[k].holders = holders;
        }
}

static inline lia_word oracle_word(const oracle *o, lia_id a, lia_id b)
{
    for (size_t i = 0; i < o->said_count; i++)
        if ((lia_id_equal(lia_id_in(o->said[i]->a), a) &&
             lia_id_equal(lia_id_in(o->said[i]->b), b)) ||
            (lia_id_equal(lia_id_in(o->said[i]->a), b) &&
             lia_id_equal(lia_id_in(o->said[i]->b), a)))
            return (lia_word)o->said[i]->verdict;
    return LIA_WORD_NONE;
}

static inline void oracle_pair(oracle *o, const lia_current *a, const lia_current *b)
{
    lia_match match = {.verdict = LIA_MATCH_NOTHING};
    if (lia_match_candidates(&a->profile, &b->profile))
        lia_match_make(&match, &a->profile, &b->profile, &o->settings.model);
    lia_tie tie = {.other = b->profile.id,
                   .verdict = match.verdict,
                   .word = oracle_word(o, a->profile.id, b->profile.id)};
    if (match.verdict) {
        tie.certain = match.certain;
        tie.score = match.score;
    }
    if (!tie.verdict && !tie.word) return;
    CHECK(o->edge_count < ORACLE_TIES_MAX);
    o->lower[o->edge_count] = a->profile.id;
    o->ties[o->edge_count] = tie;
    o->edges[o->edge_count++] = (lia_edge){.a = a->profile.id,
                                           .b = b->profile.id,
                                           .person = tie.word != LIA_WORD_NONE,
                                           .kind = tie.word == LIA_WORD_SAME       ? LIA_EDGE_LINK
                                                   : tie.word == LIA_WORD_NOT_SAME ? LIA_EDGE_APART
                                                   : tie.verdict == LIA_MATCH_LINK ? LIA_EDGE_LINK
                                                   : tie.verdict == LIA_MATCH_ASK  ? LIA_EDGE_MAYBE
                                                                                   : LIA_EDGE_APART,
                                           .score = tie.score};
}

/* Frees with oracle_free. */
static inline oracle *oracle_make(const lia_rows *rows)
{
    oracle *o = calloc(1, sizeof *o);
    CHECK(o != NULL);
    CHECK_OK(lia_arena_init(&o->arena, (size_t)1 << 30));
    oracle_read(o, rows);
    oracle_count(o);
    for (size_t i = 0; i < o->count; i++)
        for (size_t j = i + 1; j < o->count; j++) oracle_pair(o, o->records[i], o->records[j]);
    for (size_t i = 0; i < o->count; i++)
        o->members[i] = (lia_cluster_member){.id = o->records[i]->profile.id};
    CHECK_OK(lia_cluster_make(o->members, o->count, o->edges, o->edge_count, &o->arena));
    return o;
}

static inline void oracle_free(oracle *o)
{
    lia_arena_fini(&o->arena);
    free(o);
}

static inline lia_edge_fate oracle_fate(const oracle *o, lia_id a, lia_id b)
{
    for (size_t i = 0; i < o->edge_count; i++)
        if (lia_id_equal(o->edges[i].a, a) && lia_id_equal(o->edges[i].b, b))
            return o->edges[i].fate;
    fail_msg("there is no such edge");
    return LIA_EDGE_OVERRULED;
}

static inline bool oracle_archived(const oracle *o, lia_id id)
{
    for (size_t i = 0; i < o->count; i++)
        if (lia_id_equal(o->records[i]->profile.id, id)) return o->records[i]->archived;
    return false;
}

/* ---- checking -------------------------------------------------------------------------------- */

static inline void oracle_check_ties(const oracle *o, const lia_rows *rows, size_t *questions)
{
    size_t found = 0;
    for (size_t i = 0; i < o->edge_count; i++) {
        lia_tie tie, back;
        lia_edge_fate fate = oracle_fate(o, o->lower[i], o->ties[i].other);
        CHECK_OK(lia_identity_tie(rows, o->lower[i], o->ties[i].other, &tie));
        CHECK_OK(lia_identity_tie(rows, o->ties[i].other, o->lower[i], &back));
        CHECK_EQ(tie.verdict, o->ties[i].verdict);
        CHECK_EQ(tie.certain, o->ties[i].certain);
        CHECK_EQ(tie.score, o->ties[i].score);
        CHECK_EQ(tie.word, o->ties[i].word);
        CHECK_EQ(tie.fate, fate);
        CHECK(back.verdict == tie.verdict && back.certain == tie.certain &&
              back.score == tie.score && back.word == tie.word && back.fate == tie.fate);
        bool asked = !tie.word && tie.verdict != LIA_MATCH_APART && fate != LIA_EDGE_USED &&
                     fate != LIA_EDGE_OVERRULED && !oracle_archived(o, o->lower[i]) &&
                     !oracle_archived(o, o->ties[i].other);
        *questions += asked;
    }
    /* and no others */
    for (size_t i = 0; i < o->count; i++) {
        static lia_tie ties[ORACLE_MAX];
        size_t count;
        bool more;
        CHECK_OK(lia_identity_ties(rows, o->records[i]->profile.id, LIA_ID_NONE, ties, ORACLE_MAX,
                                   &count, &more));
        CHECK(!more);
        found += count;
    }
    CHECK_EQ(found, 2 * o->edge_count);
}

static inline void oracle_check_customers(const oracle *o, const lia_rows *rows)
{
    for (size_t i = 0; i < o->count; i++) {
        lia_id customer, members[ORACLE_MAX];
        size_t count, wanted = 0;
        CHECK_OK(lia_identity_customer(rows, o->members[i].id, &customer));
        CHECK(lia_id_equal(customer, o->members[i].customer));
        CHECK_OK(lia_identity_members(rows, o->members[i].id, members, ORACLE_MAX, &count));
        for (size_t j = 0; j < o->count; j++) {
            if (!lia_id_equal(o->members[j].customer, customer)) continue;
            CHECK(wanted < count && lia_id_equal(members[wanted], o->members[j].id));
            wanted++;
        }
        CHECK_EQ(count, wanted);
    }
}

static inline void oracle_check_questions(const oracle *o, const lia_rows *rows, size_t wanted)
{
    static lia_question questions[ORACLE_TIES_MAX];
    size_t count;
    bool more;
    CHECK_OK(lia_identity_questions(rows, NULL, questions, ORACLE_TIES_MAX, &count, &more));
    CHECK_EQ(count, wanted);
    for (size_t i = 0; i < count; i++) {
        lia_tie tie;
        CHECK_OK(lia_identity_tie(rows, questions[i].a, questions[i].b, &tie));
        CHECK_EQ(tie.score, questions[i].score);
        CHECK_EQ(tie.fate, questions[i].fate);
        CHECK_EQ(tie.fate, oracle_fate(o, questions[i].a, questions[i].b));
        CHECK(i == 0 || questions[i].score <= questions[i - 1].score);
    }
}

/* How many records stand in the index, by what they hold. */
static inline size_t oracle_known(const lia_rows *rows)
{
    lia_key prefix = lia_identity_row(LIA_IDENTITY_HOLDS);
    lia_scan *scan;
    lia_span key, value;
    size_t count = 0;
    CHECK_OK(lia_rows_scan(rows, lia_key_span(&prefix), &scan));
    while (lia_scan_next(scan, &key, &value)) count++;
    lia_scan_close(scan);
    return count;
}

typedef struct oracle_sums {
    size_t records, customers, links, questions;
} oracle_sums;

/* Compares all that the rows say. */
static inline oracle_sums oracle_check(const lia_rows *rows)
{
    oracle *o = oracle_make(rows);
    oracle_sums sums = {.records = o->count};
    oracle_check_ties(o, rows, &sums.questions);
    oracle_check_customers(o, rows);
    oracle_check_questions(o, rows, sums.questions);
    CHECK_EQ(oracle_known(rows), o->count);
    for (size_t i = 0; i < o->count; i++)
        sums.customers += lia_id_equal(o->members[i].id, o->members[i].customer);
    for (size_t i = 0; i < o->edge_count; i++)
        sums.links += o->edges[i].kind == LIA_EDGE_LINK && o->edges[i].fate == LIA_EDGE_USED;
    oracle_free(o);
    return sums;
}

#endif
