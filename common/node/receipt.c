/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/receipt.h"

#include "common/node/erase.h"
#include "proto/crm.pb-c.h"

static bool is_given(const Crm__Erasure *erasure, const char *node)
{
    for (size_t i = 0; i < erasure->n_receipts; i++)
        if (erasure->receipts[i]->node && strcmp(erasure->receipts[i]->node, node) == 0)
            return true;
    return false;
}

lia_err lia_receipt_look(lia_batch *batch, lia_id customer, lia_receipt_state *out)
{
    Crm__Erasure *erasure;
    lia_arena_reset(&batch->turn_arena);
    lia_err err = lia_load(&batch->turn, LIA_ERASURE, lia_erasure_id(customer), &erasure);
    if (err && err != LIA_EABSENT) return err;
    *out = err                              ? LIA_RECEIPT_UNREQUESTED
           : is_given(erasure, batch->name) ? LIA_RECEIPT_GIVEN
                                            : LIA_RECEIPT_MISSING;
    return LIA_OK;
}

lia_err lia_receipt_request(lia_batch *batch, lia_id customer)
{
    lia_turn *turn = &batch->turn;
    lia_id id = lia_erasure_id(customer);
    Crm__Erasure erasure = CRM__ERASURE__INIT;
    erasure.has_customer = erasure.has_requested_at = true;
    erasure.customer = lia_id_bytes(&customer);
    erasure.requested_at = turn->now.ms;
    erasure.reason = "known from another node or a backup, and the request itself did not come";
    lia_err err = lia_record(turn, LIA_ERASURE, id, &erasure);
    if (err) return err;
    Crm__ErasureRequested fact = CRM__ERASURE_REQUESTED__INIT;
    fact.has_erasure = fact.has_customer = true;
    fact.erasure = lia_id_bytes(&id);
    fact.customer = lia_id_bytes(&customer);
    return lia_tell(turn, &fact);
}

lia_err lia_receipt_give(lia_batch *batch, lia_id customer, uint64_t events)
{
    lia_turn *turn = &batch->turn;
    lia_id id = lia_erasure_id(customer);
    Crm__Erasure *erasure;
    lia_err err = lia_load(turn, LIA_ERASURE, id, &erasure);
    if (err) return err;
    Crm__ErasureReceipt receipt = CRM__ERASURE_RECEIPT__INIT;
    receipt.node = batch->name;
    receipt.has_number = receipt.has_done_at = receipt.has_events = receipt.has_rows = true;
    receipt.number = batch->self.node;
    receipt.done_at = turn->now.ms;
    receipt.events = events;
    receipt.rows = lia_erase_rows(&batch->applier, customer);
    Crm__ErasureReceipt **all =
        lia_arena_take(turn->arena, (erasure->n_receipts + 1) * sizeof *all);
    if (!all) return LIA_EFULL;
    if (erasure->n_receipts) memcpy(all, erasure->receipts, erasure->n_receipts * sizeof *all);
    all[erasure->n_receipts++] = &receipt;
    erasure->receipts = all;
    err = lia_record(turn, LIA_ERASURE, id, erasure);
    if (err) return err;
    Crm__ErasureDone fact = CRM__ERASURE_DONE__INIT;
    fact.has_erasure = fact.has_customer = true;
    fact.erasure = lia_id_bytes(&id);
    fact.customer = lia_id_bytes(&customer);
    fact.receipt = &receipt;
    return lia_tell(turn, &fact);
}

/* ---- what was blanked ------------------------------------------------------------------------ */

static lia_err sum_blanked(lia_turn *turn, lia_id id, uint64_t *sum)
{
    Crm__RetentionRule *rule;
    *sum = 0;
    lia_err err = lia_load(turn, LIA_RETENTION_RULE, id, &rule);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    for (size_t i = 0; i < rule->n_nodes; i++) *sum += rule->nodes[i]->blanked_ever;
    return LIA_OK;
}

lia_err lia_receipt_begin_wiping(lia_batch *batch, lia_wiping *out)
{
    lia_arena_reset(&batch->turn_arena);
    out->began = lia_time_now();
    lia_err err = lia_progress_rules(&batch->turn, out->rules, &out->count);
    for (size_t i = 0; !err && i < out->count; i++)
        err = sum_blanked(&batch->turn, out->rules[i], &out->blanked[i]);
    return err;
}

static lia_err note_wiped(lia_turn *turn, lia_id id, uint64_t blanked, lia_time began)
{
    Crm__RetentionRule *rule;
    lia_err err = lia_load(turn, LIA_RETENTION_RULE, id, &rule);
    if (err) return err == LIA_EABSENT ? LIA_OK : err;
    Crm__RetentionProgress *own = lia_progress_own(turn, rule);
    if (!own) return LIA_EFULL;
    own->has_wiped_at = own->has_wiped = true;
    own->wiped_at = began.ms;
    own->wiped = blanked;
    return lia_record(turn, LIA_RETENTION_RULE, id, rule);
}

lia_err lia_receipt_wiped(lia_batch *batch, const lia_wiping *done, uint64_t events)
{
    lia_turn *turn = &batch->turn;
    lia_err err = LIA_OK;
    for (size_t i = 0; !err && i < done->count; i++)
        err = note_wiped(turn, done->rules[i], done->blanked[i], done->began);
    if (err) return err;
    Crm__RetentionWiped fact = CRM__RETENTION_WIPED__INIT;
    fact.has_number = fact.has_events = true;
    fact.number = turn->node;
    fact.events = events;
    return lia_tell(turn, &fact);
}
