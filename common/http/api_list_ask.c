/* SPDX-License-Identifier: Apache-2.0 */
/* What a list is asked for: ?filter=, ?order_by=, ?customer=, ?as_of= and what belongs to pages. An
 * order of one indexed field is walked; any other one is sorted (list_sort.h). */
#include "common/http/api_gate.h"
#include "common/http/api_golden.h"
#include "common/http/api_list_inner.h"

/* ---- order ----------------------------------------------------------------------------------- */

static lia_span trim(lia_span text)
{
    while (text.size && text.data[0] == ' ') text = lia_span_skip(text, 1);
    while (text.size && text.data[text.size - 1] == ' ') text.size--;
    return text;
}

/* "name", "name asc", "name desc", "created_at". */
static bool read_by(const lia_kind *kind, lia_span text, lia_sort_by *by)
{
    lia_span rest = trim(text);
    lia_span name = lia_api_take(&rest, ' ');
    rest = trim(rest);
    by->down = lia_span_is(rest, "desc");
    if (rest.size && !by->down && !lia_span_is(rest, "asc")) return false;
    bool by_creation = lia_span_is(name, "created_at");
    by->field = by_creation ? NULL : lia_field_by_name(kind->message, name);
    if (by_creation) return true;
    bool walks = by->field && by->field->indexed && !by->field->repeated;
    return by->field && (walks || lia_sort_can(by->field));
}

static bool read_sort(const lia_kind *kind, lia_span text, lia_sort *sort)
{
    bool more = true; /* behind the ids, which order by creation, nothing matters */
    while (text.size) {
        if (sort->count == LIA_SORT_FIELDS_MAX) return false;
        lia_sort_by *by = &sort->by[sort->count];
        if (!read_by(kind, lia_api_take(&text, ','), by)) return false;
        sort->count += more;
        more &= by->field != NULL;
    }
    return true;
}

static void refuse_order(lia_call *call)
{
    const lia_message *schema = call->kind->message;
    lia_buf names = lia_buf_make(call->arena);
    for (size_t i = 0; i < schema->count; i++)
        if (lia_sort_can(&schema->fields[i]))
            lia_buf_format(&names, ", %s", schema->fields[i].name);
    lia_call_invalid(call,
                     "order_by: %s can be ordered by created_at%.*s; %d of them at most, between "
                     "commas, 'desc' behind one begins with the last",
                     call->kind->plural, (int)names.size, (const char *)names.data,
                     LIA_SORT_FIELDS_MAX);
}

/* One indexed field is walked; so is the first of several, unless the filter leads to fewer rows.
 */
static bool read_order(lia_call *call, lia_list *list, lia_span text)
{
    lia_sort sort = {.count = 0};
    if (!read_sort(call->kind, text, &sort)) {
        refuse_order(call);
        return false;
    }
    const lia_sort_by *first = &sort.by[0];
    list->by_creation = sort.count && !first->field;
    list->down = sort.count && first->down;
    bool has_index = sort.count && first->field && first->field->indexed && !first->field->repeated;
    bool is_walked = sort.count == 1 && has_index && !list->is_past;
    if (sort.count && first->field && !is_walked) list->sort = sort;
    bool is_narrow = list->plan.type == LIA_PLAN_CUSTOMER || list->plan.type == LIA_PLAN_VALUE ||
                     !lia_id_is_none(list->customer) || list->is_past;
    if (is_walked || (has_index && !is_narrow)) list->order = first->field;
    if (lia_list_sorts(list) && !list->order) list->down = false;
    return true;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static bool read_past(lia_call *call, lia_list *list, lia_span text)
{
    if (!text.size) return true;
    list->is_past = true;
    if (!lia_call_moment(call, text, &list->asked)) return false;
    bool beyond =
        list->filter && lia_filter_needs(list->filter) & (LIA_FILTER_REFERENCE | LIA_FILTER_FIGURE);
    if (beyond)
        lia_call_invalid(call, "filter: of the past only the record itself is known: no fields of "
                               "others and no figures with as_of");
    return !beyond;
}

static bool read_customer(lia_call *call, lia_list *list, lia_span text)
{
    if (!text.size) return true;
    if (!call->kind->customer) {
        lia_call_invalid(call, "customer: %s belong to no customer", call->kind->plural);
        return false;
    }
    if (call->kind->in_log) {
        lia_call_invalid(call, "customer: %s stand on /api/v1/customers/{id}/timeline",
                         call->kind->plural);
        return false;
    }
    if (lia_id_parse(text, &list->customer) == LIA_OK) return true;
    lia_call_invalid(call, "customer: an id (a UUID) is wanted");
    return false;
}

static bool read_filter(lia_call *call, lia_list *list, lia_span text)
{
    lia_why why = {{0}}, place;
    if (!text.size) return true;
    const lia_filter_sight sight = lia_principal_sight(call->who);
    lia_err err = lia_filter_parse_for(&list->filter, &sight, call->kind, text, call->arena, &why);
    if (!err) {
        lia_filter_plan_make(list->filter, lia_time_now(), &list->plan);
        return true;
    }
    lia_why_set(&place, err, "filter: %.300s", why.text);
    lia_call_fail(call, err, &place);
    return false;
}

static bool read_token(lia_call *call, lia_list *list, lia_span text)
{
    if (!text.size) return true;
    lia_err err = lia_call_read_token(call, text, list->mark, &list->phase, &list->after);
    if (lia_list_sorts(list)) {
        if (!err && !list->phase && list->after.size > LIA_ID_SIZE) return true;
    } else if (!err && list->after.size <= LIA_VIEW_KEY_MAX &&
               (list->after.size == 0 || list->after.size > LIA_ROW_TAG) && list->phase <= 1 &&
               (list->phase == 0 || list->order)) {
        return true;
    }
    lia_call_invalid(call, "page_token: this is no token of an answer to the same question");
    return false;
}

static bool read_question(lia_call *call, lia_list *list)
{
    uint64_t page_size = LIA_PAGE_SIZE_DEFAULT;
    lia_span filter, order, customer, archived, past, token;
    if (!lia_call_param(call, "filter", &filter) || !lia_call_param(call, "order_by", &order) ||
        !lia_call_param(call, "customer", &customer) || !lia_call_param(call, "as_of", &past) ||
        !lia_call_param(call, "show_archived", &archived) ||
        !lia_call_flag(call, "show_archived", &list->show_archived) ||
        !lia_call_flag(call, "alone", &list->alone) ||
        !lia_call_flag(call, "explain", &list->explain) ||
        !lia_call_param(call, "page_token", &token) ||
        !lia_call_number(call, "page_size", 1, LIA_PAGE_SIZE_MAX, &page_size))
        return false;
    const lia_span parts[] = {
        lia_span_text(call->kind->name), filter, order, customer, archived, past};
    list->mark = lia_page_mark_of(parts, LIA_COUNT(parts));
    list->page_size = page_size;
    return read_filter(call, list, filter) && read_past(call, list, past) &&
           read_customer(call, list, customer) && read_order(call, list, order) &&
           read_token(call, list, token);
}

lia_list *lia_list_ask(lia_call *call)
{
    lia_list *list = lia_arena_zero(call->arena, sizeof *list);
    if (!list) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return NULL;
    }
    list->api = call->api;
    list->call = call;
    list->who = call->who;
    list->kind = call->kind;
    if (!read_question(call, list)) return NULL;
    list->seen = lia_arena_take(call->arena, (LIA_PAGE_SIZE_MAX + 1) * sizeof *list->seen);
    if (list->seen) return list;
    lia_call_fail(call, LIA_EFULL, NULL);
    return NULL;
}
