/* SPDX-License-Identifier: Apache-2.0 */
/* search_rig - a department that can be searched, for tests. */
#ifndef LIA_SEARCH_SEARCH_RIG_H
#define LIA_SEARCH_SEARCH_RIG_H

#include "common/crm/erasure_rig.h"
#include "common/search/search.h"

typedef struct search_rig {
    rig r;
    lia_search *search;
    char dir[600];
    lia_arena arena;
    lia_search_hit hits[LIA_SEARCH_LIMIT_MAX];
    size_t count;
    lia_search_eyes eyes;
    const lia_kind *kind;
} search_rig;

static inline void search_start(search_rig *s)
{
    lia_why why = {{0}};
    lia_err err = lia_search_open(&s->search, s->dir, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    s->r.copies[SALES] = lia_search_copies(s->search);
    crm_start(&s->r, SALES, &departments[SALES], false);
    CHECK_OK(lia_search_start(s->search, s->r.nodes[SALES]));
}

static inline void search_make(search_rig *s, size_t members)
{
    memset(s, 0, sizeof *s);
    rig_make(&s->r, members);
    snprintf(s->dir, sizeof s->dir, "%s/sales/search", s->r.dir);
    CHECK_OK(lia_arena_init(&s->arena, 256 << 20));
    s->eyes = lia_search_all;
    search_start(s);
}

static inline bool search_settled(search_rig *s)
{
    lia_search_status status;
    lia_search_get_status(s->search, &status);
    return status.behind == 0 && !status.scanning && !status.err;
}

static inline void search_settle(search_rig *s)
{
    RIG_UNTIL(&s->r, search_settled(s));
}

static inline void search_stop(search_rig *s, bool crash)
{
    lia_search_stop(s->search);
    rig_stop(&s->r, SALES);
    if (crash)
        lia_search_crash(s->search);
    else
        lia_search_close(s->search);
    s->search = NULL;
}

static inline void search_end(search_rig *s)
{
    if (s->search) search_stop(s, false);
    rig_end(&s->r);
    lia_arena_fini(&s->arena);
}

static inline lia_err search_try(search_rig *s, const char *text, size_t limit, lia_why *why)
{
    lia_rows rows;
    const lia_search_question question = {
        .text = lia_span_text(text), .kind = s->kind, .limit = limit, .eyes = s->eyes};
    lia_arena_reset(&s->arena);
    CHECK_OK(lia_node_read(s->r.nodes[SALES], &rows));
    lia_err err = lia_search_ask(s->search, &rows, &question, &s->arena, s->hits, &s->count, why);
    lia_node_read_end(s->r.nodes[SALES], &rows);
    return err;
}

/* Asks when the index is up to date; returns how many were found. */
static inline size_t ask(search_rig *s, const char *text)
{
    lia_why why = {{0}};
    search_settle(s);
    lia_err err = search_try(s, text, LIA_SEARCH_LIMIT_MAX, &why);
    if (err) print_error("%s: %s\n", text, why.text);
    CHECK_OK(err);
    return s->count;
}

static inline bool finds(search_rig *s, const char *text, lia_id id)
{
    ask(s, text);
    for (size_t i = 0; i < s->count; i++)
        if (lia_id_equal(s->hits[i].id, id)) return true;
    return false;
}

/* Finds it, and nothing else. */
static inline bool finds_only(search_rig *s, const char *text, lia_id id)
{
    return finds(s, text, id) && s->count == 1;
}

#endif
