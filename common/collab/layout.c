/* SPDX-License-Identifier: Apache-2.0 */
#include "common/collab/layout.h"

#include "common/node/fields.h"
#include "common/node/index_walk.h"
#include "proto/collab.pb-c.h"

#define TABS_MAX   20
#define BLOCKS_MAX 40 /* of a tab */
#define TITLE_MAX  80

/* ---- one for each kind ----------------------------------------------------------------------- */

static lia_err check_only(lia_turn *turn, lia_id id, const char *of)
{
    lia_index_walk walk;
    lia_id at;
    lia_err err =
        lia_index_walk_of(&walk, lia_turn_rows(turn), LIA_PAGE_LAYOUT, "of", lia_span_text(of));
    if (err) return err;
    while (!err && lia_index_walk_next(&walk, &at)) {
        Collab__PageLayout *other;
        if (lia_id_equal(at, id)) continue;
        err = lia_load(turn, LIA_PAGE_LAYOUT, at, &other);
        if (err == LIA_EABSENT || err == LIA_EGONE)
            err = LIA_OK;
        else if (!err && other->of && !strcmp(other->of, of))
            err = lia_turn_fail(turn, LIA_EEXIST, "of: %s have a layout; change that", of);
    }
    return lia_index_walk_close(&walk, err);
}

static lia_err check_kind(lia_turn *turn, lia_id id, const Collab__PageLayout *was,
                          const Collab__PageLayout *layout, const lia_kind **out)
{
    const char *of = layout->of ? layout->of : "";
    *out = lia_kind_by_plural(lia_span_text(of));
    if (was && strcmp(was->of ? was->of : "", of) != 0)
        return lia_turn_fail(turn, LIA_EINVAL, "of: it stays as it is");
    if (!*out || (*out)->secret)
        return lia_turn_fail(turn, LIA_EINVAL, "of: there is no kind '%.60s'", of);
    return was ? LIA_OK : check_only(turn, id, of);
}

/* ---- the plan -------------------------------------------------------------------------------- */

/* Where a name stands in a plan. */
typedef struct place {
    size_t tab, block, field;
} place;

static const char *name_at(const Collab__LayoutPlan *plan, const place *at)
{
    return plan->tabs[at->tab]->blocks[at->block]->fields[at->field];
}

/* To the next name, the first one after {0, 0, SIZE_MAX}; false: there is none. */
static bool next_name(const Collab__LayoutPlan *plan, place *at)
{
    at->field++;
    for (; at->tab < plan->n_tabs; at->tab++, at->block = 0) {
        const Collab__LayoutTab *tab = plan->tabs[at->tab];
        for (; at->block < tab->n_blocks; at->block++, at->field = 0)
            if (at->field < tab->blocks[at->block]->n_fields) return true;
    }
    return false;
}

static const place BEFORE_ALL = {0, 0, SIZE_MAX};

/* Where the name stands first. */
static bool find_name(const Collab__LayoutPlan *plan, const char *name, place *at)
{
    *at = BEFORE_ALL;
    while (plan && next_name(plan, at))
        if (!strcmp(name_at(plan, at), name)) return true;
    return false;
}

static lia_err check_titles(lia_turn *turn, const Collab__LayoutTab *tab, size_t at)
{
    if (lia_text_is_empty(tab->title) || strlen(tab->title) > TITLE_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "plan.tabs[%zu].title: 1 to %d bytes are wanted", at,
                             TITLE_MAX);
    if (tab->n_blocks > BLOCKS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "plan.tabs[%zu].blocks: more than %d", at,
                             BLOCKS_MAX);
    for (size_t i = 0; i < tab->n_blocks; i++)
        if (tab->blocks[i]->title && strlen(tab->blocks[i]->title) > TITLE_MAX)
            return lia_turn_fail(turn, LIA_EINVAL,
                                 "plan.tabs[%zu].blocks[%zu].title: %d bytes are the most", at, i,
                                 TITLE_MAX);
    return LIA_OK;
}

static lia_err check_name(lia_turn *turn, const lia_kind *kind, const Collab__LayoutPlan *was,
                          const Collab__LayoutPlan *plan, const place *at)
{
    const char *name = name_at(plan, at);
    place first;
    if (!lia_field_by_name(kind->message, lia_span_text(name)) && !find_name(was, name, &first))
        return lia_turn_fail(turn, LIA_EINVAL,
                             "plan.tabs[%zu].blocks[%zu].fields[%zu]: %s has no field '%.60s'",
                             at->tab, at->block, at->field, kind->name, name);
    (void)find_name(plan, name, &first);
    if (memcmp(&first, at, sizeof first) == 0) return LIA_OK;
    return lia_turn_fail(turn, LIA_EINVAL,
                         "plan.tabs[%zu].blocks[%zu].fields[%zu]: '%.60s' stands in "
                         "tabs[%zu].blocks[%zu] already",
                         at->tab, at->block, at->field, name, first.tab, first.block);
}

static lia_err check_plan(lia_turn *turn, const lia_kind *kind, const Collab__LayoutPlan *was,
                          const Collab__LayoutPlan *plan)
{
    lia_err err = LIA_OK;
    place at = BEFORE_ALL;
    if (plan->n_tabs > TABS_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "plan.tabs: more than %d", TABS_MAX);
    for (size_t i = 0; i < plan->n_tabs && !err; i++) err = check_titles(turn, plan->tabs[i], i);
    while (!err && next_name(plan, &at)) err = check_name(turn, kind, was, plan, &at);
    return err;
}

lia_err lia_layout_prepare(lia_turn *turn, lia_id id, const void *before, void *after)
{
    const Collab__PageLayout *was = before, *layout = after;
    const lia_kind *kind;
    lia_err err = check_kind(turn, id, was, layout, &kind);
    if (err || !layout->plan) return err;
    return check_plan(turn, kind, was ? was->plan : NULL, layout->plan);
}
