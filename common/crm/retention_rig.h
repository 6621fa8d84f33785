/* SPDX-License-Identifier: Apache-2.0 */
/* retention_rig - departments with a retention rule, for tests: page views of long ago carry the
 * word that is looked for in all files of a node. */
#ifndef LIA_CRM_RETENTION_RIG_H
#define LIA_CRM_RETENTION_RIG_H

#include "common/crm/erasure_rig.h"
#include "common/crm/retention.h"

#define VIEW CRM__INTERACTION_TYPE__INTERACTION_TYPE_PAGE_VIEW
#define CALL CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL

static inline lia_id log_at(rig *r, size_t number, lia_id customer, Crm__InteractionType type,
                            int64_t days_ago, const char *text)
{
    Crm__Interaction it = CRM__INTERACTION__INIT;
    LIA_SET_ID(&it, customer, &customer);
    LIA_SET(&it, type, type);
    LIA_SET(&it, occurred_at, lia_time_now().ms - days_ago * (int64_t)LIA_DAY_MS);
    it.text = text;
    return rig_create(r, number, LIA_INTERACTION, &it);
}

/* A page view that the rule is for. */
static inline lia_id log_old(rig *r, size_t number, lia_id customer)
{
    return log_at(r, number, customer, VIEW, 500, "looked at " CANARY_TEXT);
}

static inline lia_id make_rule(rig *r, size_t number, const char *filter, bool enabled)
{
    Crm__InteractionType types[] = {VIEW};
    Crm__RetentionRule rule = CRM__RETENTION_RULE__INIT;
    rule.name = "page views";
    rule.types = types;
    rule.n_types = 1;
    rule.filter = filter;
    LIA_SET(&rule, older_than_days, 400);
    LIA_SET(&rule, enabled, enabled);
    return rig_create(r, number, LIA_RETENTION_RULE, &rule);
}

static inline void apply_rule(rig *r, size_t number, lia_id rule)
{
    Crm__ApplyRetentionRule ask = CRM__APPLY_RETENTION_RULE__INIT;
    LIA_SET_ID(&ask, rule, &rule);
    crm_do(r, number, LIA_RETENTION_RULE, "apply", rule, &ask);
}

/* What node `of` says in the rule, as `number` shows it; NULL: nothing yet. */
static inline const Crm__RetentionProgress *progress_of(rig *r, size_t number, lia_id rule,
                                                        size_t of)
{
    const Crm__RetentionRule *shown = crm_read(r, number, LIA_RETENTION_RULE, rule);
    for (size_t i = 0; shown && i < shown->n_nodes; i++)
        if (shown->nodes[i]->number == of) return shown->nodes[i];
    return NULL;
}

static inline bool is_done(rig *r, size_t number, lia_id rule, size_t of)
{
    const Crm__RetentionProgress *progress = progress_of(r, number, rule, of);
    return progress && progress->has_done_at;
}

/* Whether `of` has overwritten all that any node up to `count` has blanked, and all of them are
 * done. */
static inline bool is_wiped(rig *r, size_t number, lia_id rule, size_t of, size_t count)
{
    uint64_t blanked = 0;
    for (size_t n = 1; n <= count; n++) {
        const Crm__RetentionProgress *each = progress_of(r, number, rule, n);
        if (!each || !each->has_done_at) return false;
        blanked += each->blanked_ever;
    }
    const Crm__RetentionProgress *progress = progress_of(r, number, rule, of);
    return progress->has_wiped && progress->wiped == blanked;
}

#define UNTIL_WIPED(r, rule, count)                                                                \
    do {                                                                                           \
        for (size_t n_ = 1; n_ <= (count); n_++)                                                   \
            for (size_t of_ = 1; of_ <= (count); of_++)                                            \
                RIG_UNTIL(r, is_wiped(r, n_, rule, of_, count));                                   \
    } while (0)

#endif
