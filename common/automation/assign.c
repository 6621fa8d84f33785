/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets the next one. Whose turn it is stands in a record, the rota, that moves in the commit of
 * the step; load is counted from the index, not kept. */
#include "common/automation/step.h"
#include "common/node/fields.h"
#include "proto/crm.pb-c.h"

/* Most people among whom is chosen, and most records of one that are counted. */
#define PEOPLE_MAX 256
#define LOAD_MAX   2000

typedef struct people {
    lia_id ids[PEOPLE_MAX];
    size_t count;
} people;

/* ---- among whom ------------------------------------------------------------------------------ */

/* Whether the user is there and works here still. */
static lia_err is_there(lia_turn *turn, lia_id user, bool *there)
{
    Crm__User *record;
    lia_err err = lia_load(turn, LIA_USER, user, &record);
    *there = !err && !record->archived;
    return err == LIA_EABSENT ? LIA_OK : err;
}

static lia_err add_user(lia_turn *turn, people *all, lia_id user)
{
    bool there;
    lia_err err = is_there(turn, user, &there);
    if (!err && there && all->count < PEOPLE_MAX) all->ids[all->count++] = user;
    return err;
}

/* The people of a team, by their ids. */
static lia_err add_team(lia_turn *turn, people *all, lia_id team)
{
    const lia_field *field = lia_field_by_name(lia_kind_find(LIA_USER)->message, LIA_SPAN("team"));
    lia_key prefix = lia_key_index_value(LIA_USER, field, lia_id_span(&team));
    lia_id found[PEOPLE_MAX];
    size_t count = 0;
    lia_scan *scan;
    lia_span key, row;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (count < PEOPLE_MAX && lia_scan_next(scan, &key, &row))
        found[count++] = lia_key_index_id(key);
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    for (size_t i = 0; i < count && !err; i++) err = add_user(turn, all, found[i]);
    return err;
}

static lia_err gather(lia_doing *doing, people *all)
{
    const Automation__Step *step = doing->step;
    lia_err err = LIA_OK;
    all->count = 0;
    for (size_t i = 0; i < step->n_users && !err; i++)
        err = add_user(doing->turn, all, lia_id_in(step->users[i]));
    if (!err && step->has_team) err = add_team(doing->turn, all, lia_id_in(step->team));
    if (!err && !all->count)
        err = lia_turn_fail(doing->turn, LIA_EINVAL, "nobody is left to assign it to");
    return err;
}

/* ---- in turns -------------------------------------------------------------------------------- */

static lia_id rota_id(const lia_doing *doing, lia_id definition)
{
    lia_buf seed = lia_buf_make(doing->turn->arena);
    lia_buf_span(&seed, lia_id_span(&definition));
    lia_buf_text(&seed, doing->step->name);
    return lia_id_derive("automation.rota", lia_buf_get(&seed));
}

/* Behind the one who had the last: who joins or leaves the list does not disturb the order. */
static size_t next_of(const lia_doing *doing, const people *all, const Automation__Rota *rota)
{
    const Automation__Step *step = doing->step;
    lia_id last = rota->has_last ? lia_id_in(rota->last) : LIA_ID_NONE;
    size_t at = 0, listed = 0;
    while (at < all->count && !lia_id_equal(all->ids[at], last)) at++;
    if (at < all->count) return (at + 1) % all->count;
    /* They are gone: on with whoever stood behind them in the list. */
    while (listed < step->n_users && !lia_id_equal(lia_id_in(step->users[listed]), last)) listed++;
    for (size_t i = listed + 1; i < step->n_users; i++)
        for (size_t j = 0; j < all->count; j++)
            if (lia_id_equal(all->ids[j], lia_id_in(step->users[i]))) return j;
    return 0;
}

static lia_err choose_in_turn(lia_doing *doing, const people *all, lia_id *user)
{
    lia_turn *turn = doing->turn;
    const Automation__Run *run = doing->run;
    lia_id definition = lia_id_in(run->has_rule ? run->rule : run->flow);
    lia_id id = rota_id(doing, definition);
    Automation__Rota fresh = AUTOMATION__ROTA__INIT, *rota = &fresh;
    lia_err err = lia_load(turn, LIA_ROTA, id, &rota);
    if (err == LIA_EABSENT) rota = &fresh;
    if (err && err != LIA_EABSENT) return err;
    *user = all->ids[next_of(doing, all, rota)];
    LIA_SET(rota, definition, lia_id_keep(turn->arena, definition));
    rota->step = doing->step->name;
    LIA_SET(rota, last, lia_id_keep(turn->arena, *user));
    LIA_SET(rota, count, rota->count + 1);
    doing->rota_id = id;
    doing->rota = lia_arena_take(turn->arena, sizeof *rota);
    if (!doing->rota) return LIA_EFULL;
    *doing->rota = *rota;
    return LIA_OK;
}

lia_err lia_assign_keep(lia_doing *doing)
{
    if (!doing->rota) return LIA_OK;
    lia_err err = lia_record(doing->turn, LIA_ROTA, doing->rota_id, doing->rota);
    return err ? err : lia_turn_end_event(doing->turn);
}

/* ---- by load --------------------------------------------------------------------------------- */

static bool counts(lia_doing *doing, const lia_filter *filter, lia_id id)
{
    lia_subject subject;
    if (!filter) return true;
    return !lia_subject_load(&subject, doing->book, lia_turn_rows(doing->turn),
                             doing->subject->kind, id, doing->turn->now, doing->turn->arena) &&
           !subject.archived && lia_filter_holds(filter, &subject.filter);
}

static lia_err load_of(lia_doing *doing, const lia_field *field, const lia_filter *filter,
                       lia_id user, size_t *load)
{
    lia_arena *arena = doing->turn->arena;
    lia_key prefix = lia_key_index_value(doing->subject->kind->number, field, lia_id_span(&user));
    lia_scan *scan;
    lia_span key, row;
    *load = 0;
    lia_err err = lia_rows_scan(lia_turn_rows(doing->turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    for (size_t looked = 0; looked < LOAD_MAX && lia_scan_next(scan, &key, &row); looked++) {
        size_t mark = lia_arena_mark(arena);
        *load += counts(doing, filter, lia_key_index_id(key));
        lia_arena_back(arena, mark);
    }
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}

/* Of equals the first in the list. */
static lia_err choose_by_load(lia_doing *doing, const lia_field *field, const people *all,
                              lia_id *user)
{
    lia_turn *turn = doing->turn;
    lia_filter *filter = NULL;
    lia_why why = {{0}};
    size_t least = SIZE_MAX;
    lia_err err = lia_text_is_empty(doing->step->load)
                      ? LIA_OK
                      : lia_filter_parse(&filter, doing->subject->kind,
                                         lia_span_text(doing->step->load), turn->arena, &why);
    if (err) return lia_turn_fail(turn, err, "load: %s", why.text);
    for (size_t i = 0; i < all->count && !err; i++) {
        size_t load;
        err = load_of(doing, field, filter, all->ids[i], &load);
        if (err || load >= least) continue;
        least = load;
        *user = all->ids[i];
    }
    doing->detail =
        lia_arena_text(turn->arena, "the least loaded of %zu has %zu", all->count, least);
    return err;
}

/* ---- by territory ---------------------------------------------------------------------------- */

static lia_err choose_by_territory(lia_doing *doing, lia_id *user)
{
    lia_turn *turn = doing->turn;
    const Automation__Step *step = doing->step;
    for (size_t i = 0; i < step->n_territories; i++) {
        const Automation__Territory *territory = step->territories[i];
        lia_filter *filter;
        lia_why why = {{0}};
        bool there;
        lia_err err = lia_filter_parse(&filter, doing->subject->sees,
                                       lia_span_text(territory->condition), turn->arena, &why);
        if (err) return lia_turn_fail(turn, err, "territory '%s': %s", territory->name, why.text);
        if (!lia_filter_holds(filter, &doing->subject->filter)) continue;
        *user = lia_id_in(territory->user);
        err = is_there(turn, *user, &there);
        if (err) return err;
        if (!there)
            return lia_turn_fail(turn, LIA_EINVAL, "the user of territory '%s' is gone",
                                 territory->name);
        doing->detail = lia_arena_text(turn->arena, "territory '%s'", territory->name);
        return LIA_OK;
    }
    return lia_turn_fail(turn, LIA_EINVAL, "no territory takes it");
}

lia_err lia_assign_choose(lia_doing *doing, const lia_field *field, lia_id *user)
{
    *user = LIA_ID_NONE;
    if (doing->step->method == AUTOMATION__ASSIGN_METHOD__ASSIGN_METHOD_TERRITORY)
        return choose_by_territory(doing, user);
    people *all = lia_arena_take(doing->turn->arena, sizeof *all);
    if (!all) return LIA_EFULL;
    lia_err err = gather(doing, all);
    if (err) return err;
    return doing->step->method == AUTOMATION__ASSIGN_METHOD__ASSIGN_METHOD_LEAST_LOADED
               ? choose_by_load(doing, field, all, user)
               : choose_in_turn(doing, all, user);
}
