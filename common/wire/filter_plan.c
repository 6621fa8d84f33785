/* SPDX-License-Identifier: Apache-2.0 */
/* Which index leads to all matches. Index rows hold text folded further than any comparison folds
 * it, so equal values stand in one place, with others that the filter itself then turns away. */
#include "common/wire/filter.h"

#include "common/wire/filter_tree.h"
#include "common/wire/pb.h"
#include "common/wire/utf8.h"

enum { LOW, HIGH };

/* ---- one comparison -------------------------------------------------------------------------- */

/* `:` on anything but text within text. */
static bool is_equality(const lia_comparison *wanted)
{
    if (wanted->any || wanted->of != OF_FIELD || wanted->via) return false;
    if (wanted->op == OP_HAS) return wanted->as_set || wanted->leaf->type != LIA_T_STRING;
    return wanted->op == OP_EQUAL;
}

static bool names_customer(const lia_kind *kind, const lia_comparison *wanted)
{
    return is_equality(wanted) && wanted->field == kind->customer && !kind->in_log;
}

/* Whether the index of the field is by what is compared: by the field, or the key of its set. */
static bool is_indexed_by(const lia_comparison *wanted)
{
    const lia_field *field = wanted->field;
    if (!field->indexed) return false;
    return wanted->leaf == field ? !field->message
                                 : field->repeated && wanted->leaf->number == field->key;
}

/* An absent bool counts as false but stands in no index; nor does what is no text stand where its
 * like would. */
static bool names_value(const lia_comparison *wanted)
{
    if (!is_equality(wanted) || !is_indexed_by(wanted)) return false;
    if (wanted->leaf->type == LIA_T_BOOL) return wanted->number;
    return wanted->leaf->type != LIA_T_STRING || lia_utf8_valid(wanted->bytes);
}

static bool bounds_value(const lia_comparison *wanted)
{
    return !wanted->any && wanted->of == OF_FIELD && !wanted->via && wanted->op >= OP_LESS &&
           wanted->op <= OP_MORE_EQUAL && wanted->leaf == wanted->field && wanted->field->indexed &&
           !wanted->field->repeated &&
           (wanted->leaf->type == LIA_T_INT || wanted->leaf->type == LIA_T_UINT ||
            wanted->leaf->type == LIA_T_STRING);
}

/* ---- the plan -------------------------------------------------------------------------------- */

static lia_span put_number(lia_filter_plan *plan, int which, uint64_t number)
{
    return lia_span_make(plan->bounds[which], lia_varint_put(plan->bounds[which], number));
}

static void take_value(lia_filter_plan *plan, const lia_comparison *wanted, lia_time now)
{
    *plan = (lia_filter_plan){.type = LIA_PLAN_VALUE, .field = wanted->field};
    plan->value = wanted->leaf->type < LIA_T_STRING
                      ? put_number(plan, LOW, lia_comparison_number(wanted, now))
                      : wanted->payload;
}

static lia_span bound_of(lia_filter_plan *plan, int which, const lia_comparison *wanted,
                         lia_time now)
{
    return wanted->leaf->type == LIA_T_STRING
               ? wanted->payload
               : put_number(plan, which, lia_comparison_number(wanted, now));
}

/* Bounds of one field meet; a second one on the same side may be the wider, which is still right.
 */
static void take_bound(lia_filter_plan *plan, const lia_comparison *wanted, lia_time now)
{
    bool upper = wanted->op == OP_LESS || wanted->op == OP_LESS_EQUAL;
    lia_span *bound = upper ? &plan->high : &plan->low;
    if (plan->type == LIA_PLAN_RANGE && plan->field != wanted->field) return;
    plan->type = LIA_PLAN_RANGE;
    plan->field = wanted->field;
    if (!bound->size) *bound = bound_of(plan, upper ? HIGH : LOW, wanted, now);
}

static void consider(const lia_filter *filter, const lia_comparison *wanted, lia_time now,
                     lia_filter_plan *plan)
{
    if (plan->type == LIA_PLAN_CUSTOMER) return;
    if (names_customer(filter->kind, wanted)) {
        plan->type = LIA_PLAN_CUSTOMER;
        plan->customer = lia_id_from(wanted->bytes);
    } else if (plan->type != LIA_PLAN_VALUE && names_value(wanted)) {
        take_value(plan, wanted, now);
    } else if (plan->type != LIA_PLAN_VALUE && bounds_value(wanted)) {
        take_bound(plan, wanted, now);
    }
}

void lia_filter_plan_make(const lia_filter *filter, lia_time now, lia_filter_plan *plan)
{
    *plan = (lia_filter_plan){.type = LIA_PLAN_ALL};
    const lia_filter_node *at = filter->root;
    if (at && at->type == NODE_AND)
        at = at->first;
    else if (at && at->type != NODE_COMPARE)
        return;
    for (; at; at = at->next)
        if (at->type == NODE_COMPARE) consider(filter, at->comparison, now, plan);
}
