/* SPDX-License-Identifier: Apache-2.0 */
/* One record of a list: what it is, or was then; whether it belongs to the answer; how it looks
 * there. */
#include "common/http/api_audit.h"
#include "common/http/api_gate.h"
#include "common/http/api_golden.h"
#include "common/http/api_list_inner.h"

/* ---- whether it belongs ---------------------------------------------------------------------- */

static bool has_value(const lia_shown *shown, const lia_field *field)
{
    lia_pb_field found;
    return lia_pb_find(shown->message, field->number, &found);
}

/* Of the past no row says whose it was. */
static bool was_theirs(const lia_list *list, const lia_shown *shown)
{
    lia_pb_field found;
    if (!list->is_past || lia_id_is_none(list->customer)) return true;
    bool any = lia_pb_find(shown->message, list->kind->customer->number, &found) &&
               found.bytes.size == LIA_ID_SIZE;
    for (size_t i = 0; any && i < list->member_count; i++)
        if (lia_id_equal(list->members[i], lia_id_from(found.bytes))) return true;
    return false;
}

static bool belongs(const lia_list *list, const lia_shown *shown)
{
    if (!list->show_archived && lia_shown_is_archived(shown)) return false;
    if (list->phase && has_value(shown, list->order)) return false;
    if (!was_theirs(list, shown)) return false;
    if (!list->filter) return true;
    const lia_filter_subject subject = {shown->id, shown->created, shown->message,
                                        &list->beyond->world};
    return lia_filter_holds(list->filter, &subject);
}

/* ---- how it looks ---------------------------------------------------------------------------- */

static void begin_record(lia_list *list, lia_id customer)
{
    if (!lia_id_is_none(customer)) list->seen[list->seen_count++] = customer;
    if (list->found++ && !list->each) lia_buf_byte(list->out, ',');
    lia_buf_byte(list->out, '{');
}

/* Fields whose value then is not known any more. */
static void put_unknown(const lia_list *list)
{
    size_t told = 0, count = list->unknown.size / sizeof(uint32_t);
    const uint32_t *numbers = (const uint32_t *)(const void *)list->unknown.data;
    for (size_t i = 0; list->is_past && i < count; i++) {
        const lia_field *field = lia_field_find(list->kind->message, numbers[i]);
        if (field)
            lia_buf_format(list->out, "%s\"%s\"", told++ ? "," : ",\"unknown\":[", field->name);
    }
    if (told) lia_buf_byte(list->out, ']');
}

/* Of a customer who is several records also which one that is. */
lia_err lia_list_put(lia_list *list, const lia_rows *rows, const lia_shown *shown)
{
    lia_whole whole;
    lia_id customer = shown->id;
    lia_err err = LIA_OK;
    if (list->kind->number == LIA_CUSTOMER) {
        err = lia_whole_find(&whole, list->who, rows, shown->id, false, list->arena);
        if (err) return err;
        customer = whole.customer;
    }
    begin_record(list, lia_shown_customer(shown));
    lia_shown_put(list->out, list->api, shown, 0);
    if (!lia_id_equal(customer, shown->id)) {
        lia_buf_text(list->out, ",\"customer\":");
        lia_json_put_id(list->out, customer);
    }
    put_unknown(list);
    lia_buf_byte(list->out, '}');
    return LIA_OK;
}

/* The golden view of a customer who is several records, in the row of the record that they are
 * called by; *told: there is nothing more to tell of this record. */
static lia_err put_whole(lia_list *list, const lia_rows *rows, lia_id id, bool *told)
{
    lia_whole whole;
    lia_golden_told golden;
    lia_err err = lia_whole_find(&whole, list->who, rows, id, false, list->arena);
    *told = !err && whole.count > 1;
    if (!*told || !lia_id_equal(whole.customer, id)) return err;
    size_t size = list->out->size, found = list->found, seen = list->seen_count;
    begin_record(list, id);
    err = lia_golden_put(list->out, list->api, list->who, rows, &whole, id, list->arena, &golden);
    lia_buf_byte(list->out, '}');
    if (err || (golden.archived && !list->show_archived)) {
        list->out->size = size;
        list->found = found;
        list->seen_count = seen;
    }
    return err;
}

/* ---- looking at it --------------------------------------------------------------------------- */

static lia_err may_leave(const lia_list *list, const lia_rows *rows, lia_id id, bool *allowed)
{
    *allowed = true;
    if (!list->checks) return LIA_OK;
    return lia_principal_reaches(list->who, rows, LIA_ACTION_EXPORT,
                                 lia_kind_find(list->kind->number), id, list->arena, allowed);
}

static lia_err give(lia_list *list)
{
    lia_span text = lia_buf_get(list->out);
    if (!list->each || !text.size) return LIA_OK;
    list->out->size = 0;
    return list->out->failed ? LIA_EFULL : list->each(list->context, text);
}

/* A record that was not changed since then is as it is. What has left the log cannot be judged. */
static lia_err become_past(lia_list *list, const lia_rows *rows, lia_shown *shown)
{
    const lia_stamp *limit = &list->moment.limit;
    list->unknown = lia_buf_make(list->arena);
    if (lia_stamp_compare(&shown->top, limit) <= 0) return LIA_OK;
    lia_err err = lia_shown_past(shown, rows, &list->moment, list->arena, &list->unknown);
    if (err == LIA_EREFUSED)
        return lia_why_set(list->why, LIA_EREFUSED,
                           "as_of: a record was changed more often up to then than is read");
    if (err || !list->unknown.size || (!list->filter && !list->take && !lia_list_sorts(list)))
        return err;
    return lia_why_set(list->why, LIA_EGONE,
                       "as_of: the log here does not reach back to then: what some records were "
                       "is not known any more, and so not which of them belong here; a list "
                       "without filter and order says which fields are unknown");
}

lia_err lia_list_load(lia_list *list, const lia_rows *rows, lia_id id, lia_shown *shown)
{
    lia_err err = lia_shown_load(shown, list->who, rows, list->kind, id, list->arena);
    if (err == LIA_EGONE) return LIA_EABSENT;
    return !err && list->is_past ? become_past(list, rows, shown) : err;
}

static lia_err keep(lia_list *list, const lia_rows *rows, const lia_shown *shown)
{
    lia_sort_key key;
    if (list->take) {
        list->found++;
        return list->take(list->context, shown);
    }
    if (!lia_list_sorts(list)) return lia_list_put(list, rows, shown);
    lia_sort_key_make(&list->sort, shown->id, shown->message, &key);
    lia_sorted_add(&list->sorted, &key);
    return LIA_OK;
}

/* Whether customers who are several records have one row. */
static bool is_of_wholes(const lia_list *list)
{
    return list->kind->number == LIA_CUSTOMER && !list->filter && !list->order && !list->alone &&
           !list->is_past && !list->take && !lia_list_sorts(list);
}

/* Scratch memory is given back: the answer itself grows in another arena. */
lia_err lia_list_look(lia_list *list, const lia_rows *rows, lia_id id)
{
    lia_shown shown;
    size_t mark = lia_arena_mark(list->arena);
    bool told = false, allowed;
    lia_err err = may_leave(list, rows, id, &allowed);
    if (!err && !allowed) err = LIA_EABSENT;
    if (!err && is_of_wholes(list)) err = put_whole(list, rows, id, &told);
    if (!err && !told) err = lia_list_load(list, rows, id, &shown);
    if (!err && !told && belongs(list, &shown)) err = keep(list, rows, &shown);
    if (!err) err = give(list);
    lia_arena_back(list->arena, mark);
    /* An index row may be older than its record; of who was erased only a mark is left. */
    return err == LIA_EABSENT || (err == LIA_EGONE && !list->is_past) ? LIA_OK : err;
}
