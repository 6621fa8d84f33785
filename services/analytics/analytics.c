/* SPDX-License-Identifier: Apache-2.0 */
/* analytics - the switchboard of the analytics department: what it folds, when it classifies, what
 * it can be asked. */
#include "services/analytics/analytics.h"

#include "proto/analytics.pb-c.h"
#include "services/analytics/classify.h"
#include "services/analytics/figures.h"
#include "services/analytics/spending.h"

/* ---- folds ----------------------------------------------------------------------------------- */

static lia_err fold_interaction(lia_turn *turn, const lia_occurrence *seen)
{
    lia_deed deed;
    if (!lia_deed_read(&deed, seen->event, seen->time)) return LIA_OK;
    lia_err err = lia_figures_fold(turn, &deed, false);
    return err ? err : lia_spending_fold_deed(turn, &deed);
}

/* The spending row goes as a whole, with the request. */
static lia_err unfold_interaction(lia_turn *turn, const lia_occurrence *seen)
{
    lia_deed deed;
    return lia_deed_read(&deed, seen->event, seen->time) ? lia_figures_fold(turn, &deed, true)
                                                         : LIA_OK;
}

static lia_err fold_classified(lia_turn *turn, const lia_occurrence *seen)
{
    const Analytics__CustomerClassified *fact = seen->fact;
    if (seen->event->header.department != LIA_ANALYTICS) return LIA_OK;
    return lia_spending_fold_class(turn, seen->event->header.customer, fact->class_);
}

static lia_err fold_counted(lia_turn *turn, const lia_occurrence *seen)
{
    const Analytics__CustomerCounted *fact = seen->fact;
    if (seen->event->header.department != LIA_ANALYTICS) return LIA_OK;
    return lia_spending_fold_class(turn, seen->event->header.customer, fact->class_);
}

static lia_err fold_erased(lia_turn *turn, const lia_occurrence *seen)
{
    const Crm__ErasureRequested *fact = seen->fact;
    return lia_spending_fold_erasure(turn, lia_id_in(fact->customer));
}

/* ---- reactions ------------------------------------------------------------------------------- */

/* Somebody bought or brought back: classes may have to follow. */
static lia_err note_purchase(lia_turn *turn, const lia_occurrence *seen)
{
    lia_deed deed;
    if (!lia_deed_read(&deed, seen->event, seen->time)) return LIA_OK;
    bool counts = deed.type == LIA_DEED_TYPE(PURCHASE) || deed.type == LIA_DEED_TYPE(RETURN);
    return counts ? lia_classify_note(turn) : LIA_OK;
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { CLASSIFIED = 400, COUNTED = 401 }; /* proto/analytics.proto */

static const lia_fold_row folds[] = {
    {"figures", LIA_INTERACTION_LOGGED, fold_interaction, unfold_interaction},
    {"classes", CLASSIFIED, fold_classified, NULL},
    {"tallies", COUNTED, fold_counted, NULL},
    {"erasures", LIA_ERASURE_REQUESTED, fold_erased, NULL},
};

static const lia_reactor_row reactors[] = {
    {"analytics.purchase", LIA_INTERACTION_LOGGED, note_purchase},
};

static const lia_job_row jobs[] = {
    {LIA_CLASSIFY_JOB, lia_classify_run, .within_ms = LIA_DAY_MS},
};

static const lia_query_row queries[] = {
    {"figures", lia_figures_answer,
     "Interactions and amounts, added up along by=day,channel,department,type (any of them), from "
     "and to a date.",
     {LIA_INTERACTION},
     0},
    {"classes", lia_classes_answer, "How many customers each class has.", {LIA_CUSTOMER}, 0},
};

const lia_service lia_analytics = {
    .name = "analytics",
    .department = LIA_ANALYTICS,
    .reactors = reactors,
    .reactor_count = LIA_COUNT(reactors),
    .jobs = jobs,
    .job_count = LIA_COUNT(jobs),
    .folds = folds,
    .fold_count = LIA_COUNT(folds),
    .queries = queries,
    .query_count = LIA_COUNT(queries),
    .fold_version = 3,
    .ready = lia_classify_begin,
};
