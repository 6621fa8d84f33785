/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a list: which ones are walked (api_list.c has the table), from where and how far. */
#include "common/http/api_gate.h"
#include "common/http/api_golden.h"
#include "common/http/api_list_inner.h"

/* ---- which rows ------------------------------------------------------------------------------ */

static lia_key customer_key(const lia_list *list, lia_id customer)
{
    lia_key key = lia_key_reference(customer, list->kind->number, LIA_ID_NONE);
    key.size -= LIA_ID_SIZE;
    return key;
}

static void bound_index(const lia_list *list, lia_walk_range *rows)
{
    const lia_filter_plan *plan = &list->plan;
    uint32_t kind = list->kind->number;
    if (plan->type != LIA_PLAN_RANGE || plan->field != rows->field) return;
    if (plan->low.size) rows->first = lia_key_index_value(kind, rows->field, plan->low);
    if (plan->high.size) rows->last = lia_key_index_value(kind, rows->field, plan->high);
}

/* Who sees their own records only need not pass all others: the rows of an owner's value stand by
 * id, too.
 */
static bool owner_walk(const lia_list *list, lia_walk_range *rows)
{
    const lia_kind *kind = lia_kind_find(list->kind->number);
    const lia_field *owner = lia_field_by_name(kind->message, LIA_SPAN("owner"));
    lia_id user = lia_principal_user(list->who);
    bool own = lia_rights_scope(lia_principal_rights(list->who), LIA_ACTION_READ, kind) ==
               ACCESS__SCOPE__SCOPE_OWN;
    if (!own || !owner || !owner->indexed || owner->reference != LIA_USER) return false;
    rows->type = LIA_WALK_INDEX;
    rows->field = owner;
    rows->prefix = lia_key_index_value(kind->number, owner, lia_id_span(&user));
    return true;
}

/* The walk of this phase. Indexes know the present only. */
static void choose(const lia_list *list, lia_walk_range *rows)
{
    uint32_t kind = list->kind->number;
    const lia_filter_plan *plan = &list->plan;
    bool has_customer = !lia_id_is_none(list->customer);
    *rows =
        (lia_walk_range){.type = LIA_WALK_KIND, .prefix = lia_key_kind(kind), .down = list->down};
    if (list->is_past) {
        return;
    } else if (has_customer || (plan->type == LIA_PLAN_CUSTOMER && !list->order)) {
        rows->type = LIA_WALK_CUSTOMER;
        rows->prefix = customer_key(list, has_customer ? list->customer : plan->customer);
    } else if (!list->order && plan->type == LIA_PLAN_ALL && owner_walk(list, rows)) {
        return;
    } else if (list->order && list->phase == 0) {
        rows->type = LIA_WALK_INDEX;
        rows->field = list->order;
        rows->prefix = lia_key_index_prefix(kind, list->order);
        bound_index(list, rows);
        if (lia_list_sorts(list)) lia_list_narrow(list, rows);
    } else if (!list->order && plan->type == LIA_PLAN_VALUE) {
        rows->type = LIA_WALK_INDEX;
        rows->field = plan->field;
        rows->prefix = lia_key_index_value(kind, plan->field, plan->value);
    } else if (!list->order && !list->by_creation && plan->type == LIA_PLAN_RANGE) {
        rows->type = LIA_WALK_INDEX;
        rows->field = plan->field;
        rows->prefix = lia_key_index_prefix(kind, plan->field);
        bound_index(list, rows);
    }
}

/* ---- one after the other --------------------------------------------------------------------- */

/* What the page has cost so far, in rows and what lies beyond them. */
static size_t cost_of(const lia_list *list)
{
    return list->looked + list->changes + (list->beyond ? list->beyond->looked : 0);
}

bool lia_list_sees_all(const lia_list *list)
{
    return lia_rights_scope(lia_principal_rights(list->who), LIA_ACTION_READ,
                            lia_kind_find(list->kind->number)) == ACCESS__SCOPE__SCOPE_ALL;
}

/* Whether the row belongs to the next page. A token tells that there is one: to who does not see
 * everything only when there is something on it. */
static lia_err begins_next(lia_list *list, const lia_rows *rows, lia_id id)
{
    size_t size = list->out->size, found = list->found, seen = list->seen_count;
    lia_err err = LIA_OK;
    list->more =
        lia_list_sees_all(list) || list->each; /* a stream tells nobody whether there is more */
    if (!list->more) err = lia_list_look(list, rows, id);
    list->more |= list->found > found;
    list->out->size = size;
    list->found = found;
    list->seen_count = seen;
    return err;
}

/* The record of the row, on this page or as the first of the next. */
static lia_err place(lia_list *list, const lia_rows *rows, lia_span key, lia_id id)
{
    list->looked++;
    if (list->found == list->page_size) return begins_next(list, rows, id);
    list->last.size = key.size;
    memcpy(list->last.bytes, key.data, key.size);
    return lia_list_look(list, rows, id);
}

/* Those who want all of them, or the first ones of another order. */
static bool wants_all(const lia_list *list)
{
    return list->take || lia_list_sorts(list);
}

static lia_err walk(lia_list *list, const lia_rows *rows)
{
    lia_list_rows walk;
    lia_span key;
    lia_id id;
    choose(list, &list->rows);
    lia_err err =
        lia_list_rows_open(&walk, rows, &list->rows, wants_all(list) ? LIA_SPAN_NONE : list->after);
    if (err) return err;
    while (!err && !list->more && lia_list_rows_next(&walk, &key, &id)) {
        if (list->looked && cost_of(list) >= list->rows_max) {
            list->more = list->cut = true;
            break;
        }
        if (wants_all(list) && lia_list_is_past(list, key)) break;
        if (!wants_all(list)) {
            err = place(list, rows, key, id);
            continue;
        }
        list->looked++;
        err = lia_list_look(list, rows, id);
    }
    lia_err ended = lia_list_rows_close(&walk);
    if (!err) err = ended;
    if (!err && list->beyond) err = list->beyond->err;
    return err;
}

/* Which member's row the walk goes on behind; the first one's when it begins. */
static size_t member_of(const lia_whole *whole, lia_span after)
{
    for (size_t i = 0; i < whole->count && after.size >= LIA_ROW_TAG; i++)
        if (memcmp(after.data + LIA_ROW_ID, whole->members[i].bytes, LIA_ID_SIZE) == 0) return i;
    return 0;
}

/* The records that name a customer name one of their records. */
static lia_err walk_all(lia_list *list, const lia_rows *rows)
{
    lia_whole whole;
    if (lia_id_is_none(list->customer)) return walk(list, rows);
    lia_id customer = list->customer;
    lia_err err = lia_whole_find(&whole, list->who, rows, list->customer, list->alone, list->arena);
    if (err) return err;
    list->members = whole.members;
    list->member_count = whole.count;
    if (list->is_past) return walk(list, rows);
    for (size_t i = wants_all(list) ? 0 : member_of(&whole, list->after);
         !err && !list->more && i < whole.count; i++) {
        list->customer = whole.members[i];
        err = walk(list, rows);
        if (!wants_all(list)) list->after = LIA_SPAN_NONE;
    }
    list->customer = customer;
    return err;
}

/* A range of the ordering field leaves out the records that have no value there. */
static bool has_second_phase(const lia_list *list)
{
    if (lia_list_sorts(list) && list->sorted.count == list->sorted.max) return false;
    return list->order && list->phase == 0 && lia_id_is_none(list->customer) &&
           !(list->plan.type == LIA_PLAN_RANGE && list->plan.field == list->order);
}

lia_err lia_list_walk(lia_list *list, const lia_rows *rows)
{
    lia_err err = walk_all(list, rows);
    if (err || list->more || !has_second_phase(list)) return err;
    list->phase = 1;
    if (!wants_all(list)) list->after = LIA_SPAN_NONE;
    list->last.size = 0;
    return walk(list, rows);
}
