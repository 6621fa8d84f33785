/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/progress.h"

#include <string.h>

static Crm__RetentionProgress *find(const lia_turn *turn, const Crm__RetentionRule *rule)
{
    for (size_t i = 0; i < rule->n_nodes; i++)
        if (rule->nodes[i]->node && strcmp(rule->nodes[i]->node, turn->node_name) == 0)
            return rule->nodes[i];
    return NULL;
}

Crm__RetentionProgress *lia_progress_own(lia_turn *turn, Crm__RetentionRule *rule)
{
    Crm__RetentionProgress *own = find(turn, rule);
    if (own) return own;
    Crm__RetentionProgress **all = lia_arena_take(turn->arena, (rule->n_nodes + 1) * sizeof *all);
    own = lia_arena_take(turn->arena, sizeof *own);
    if (!all || !own) return NULL;
    crm__retention_progress__init(own);
    own->node = turn->node_name;
    own->has_number = true;
    own->number = turn->node;
    if (rule->n_nodes) memcpy(all, rule->nodes, rule->n_nodes * sizeof *all);
    all[rule->n_nodes++] = own;
    rule->nodes = all;
    return own;
}

lia_err lia_progress_rules(lia_turn *turn, lia_id out[LIA_RETENTION_RULES_MAX], size_t *count)
{
    lia_key prefix = lia_key_kind(LIA_RETENTION_RULE);
    lia_scan *scan;
    lia_span key, value;
    lia_record_key parts;
    *count = 0;
    lia_err err = lia_rows_scan(lia_turn_rows(turn), lia_key_span(&prefix), &scan);
    if (err) return err;
    while (*count < LIA_RETENTION_RULES_MAX && lia_scan_next(scan, &key, &value))
        if (lia_record_key_read(key, &parts) && parts.tag == LIA_TAG_STATE && !parts.rest.size)
            out[(*count)++] = parts.id;
    err = lia_scan_status(scan);
    lia_scan_close(scan);
    return err;
}
