/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}: a page of records. What is walked depends on the question:
 *
 *     ?customer=            the rows that name this customer, or any record of theirs
 *     filter: customer =    the rows that name that record
 *     order_by=field        the field's index, within the filter's bounds of it if there are any;
 *                           without those, then the records that have no such value (phase 1)
 *     filter: indexed =     that value's part of the index
 *     filter: indexed < >   that range of the index, in its order
 *     otherwise             the kind's records by id, which is by time of creation
 *
 * With "desc" the same rows from the last one on; those without a value come last either way.
 *
 * Of customers who are several records (identity) a plain list has one row, the golden view of the
 * one that they are called by. With a filter or an order, and with ?alone=true, it has all records;
 * "customer" says whose they are.
 *
 * Each row found is loaded and tested; ?explain=true tells the walk. A short page without a filter
 * is answered on the loop; anything else may look at many rows and runs on a worker thread, up to
 * ROWS_MAX of them: then the page ends early and its token goes on. */
#include "common/http/api_audit.h"
#include "common/http/api_gate.h"
#include "common/http/api_golden.h"
#include "common/http/api_list_inner.h"

#define ROWS_MAX_INLINE 400
#define PAGE_INLINE_MAX 100
#define PAST_BYTES      ((size_t)32 << 20)

/* ---- walking --------------------------------------------------------------------------------- */

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

/* Loads the record and, when it belongs to the answer, writes it. Scratch memory is given back:
 * the answer itself grows in another arena. */
static lia_err look_at(lia_list *list, const lia_rows *rows, lia_id id)
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

/* What the page has cost so far, in rows and what lies beyond them. */
static size_t cost_of(const lia_list *list)
{
    return list->looked + list->changes + (list->beyond ? list->beyond->looked : 0);
}

static bool sees_all(const lia_list *list)
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
    list->more = sees_all(list) || list->each; /* a stream tells nobody whether there is more */
    if (!list->more) err = look_at(list, rows, id);
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
    return look_at(list, rows, id);
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
        err = look_at(list, rows, id);
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
    for (size_t i = wants_all(list) ? 0 : member_of(&whole, list->after); !err && !list->more && i < whole.count; i++) {
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

void lia_list_put_explanation(const lia_list *list)
{
    static const char *const walks[] = {
        [LIA_WALK_KIND] = "all", [LIA_WALK_INDEX] = "index", [LIA_WALK_CUSTOMER] = "customer"};
    lia_buf *out = list->out;
    lia_buf_format(out, ",\"explain\":{\"walk\":\"%s\"", walks[list->rows.type]);
    if (list->rows.down) lia_buf_text(out, ",\"down\":true");
    if (list->rows.field) lia_buf_format(out, ",\"index\":\"%s\"", list->rows.field->name);
    if (list->rows.first.size || list->rows.last.size) lia_buf_text(out, ",\"bounded\":true");
    if (lia_list_sorts(list)) lia_buf_text(out, ",\"sorted\":true");
    if (list->is_past && sees_all(list))
        lia_buf_format(out, ",\"changes\":%zu", list->changes);
    if (sees_all(list)) /* or it would count what they may not see */
        lia_buf_format(out, ",\"rows\":%zu,\"beyond\":%zu", list->looked,
                       list->beyond ? list->beyond->looked : 0);
    lia_buf_format(out, ",\"found\":%zu}", list->found);
}

static void note(const lia_call *call, const lia_list *list)
{
    lia_buf names = lia_buf_make(call->arena);
    if (list->filter) lia_filter_put_names(list->filter, &names);
    const lia_audit_entry look = {
        .action = list->each     ? LIA_AUDIT_EXPORT
                  : list->filter ? LIA_AUDIT_SEARCH
                                 : LIA_AUDIT_LIST,
        .kind = list->kind->number,
        .count = (uint32_t)list->found,
        .words = lia_buf_get(&names),
        .customers = lia_span_make(list->seen, list->seen_count * sizeof *list->seen)};
    if (list->seen_count) lia_call_note(call, look);
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

static lia_err put_page(lia_list *list, const lia_rows *rows)
{
    lia_buf *out = list->out;
    lia_buf_format(out, "{\"%s\":[", list->kind->plural);
    lia_err err = lia_list_sorts(list) ? lia_list_put_sorted(list, rows) : lia_list_walk(list, rows);
    lia_buf_byte(out, ']');
    if (list->more) {
        lia_buf_text(out, ",\"next_page_token\":\"");
        lia_call_put_token(list->call, out, list->mark, list->phase, lia_key_span(&list->last));
        lia_buf_byte(out, '"');
    }
    if (list->is_past) {
        lia_buf_text(out, ",\"as_of\":");
        lia_json_put_time(out, (lia_time){lia_hlc_ms(list->moment.limit.hlc)});
    }
    if (list->explain) lia_list_put_explanation(list);
    lia_buf_byte(out, '}');
    return err;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* `now` in a filter is the moment that is asked for. */
static lia_time now_of(const lia_list *list)
{
    return list->is_past ? (lia_time){lia_hlc_ms(list->moment.limit.hlc)} : lia_time_now();
}

static lia_err walk_beside(lia_list *list, const lia_rows *rows,
                           lia_err (*run)(lia_list *list, const lia_rows *rows))
{
    lia_beyond beyond;
    lia_err err = lia_beyond_open(&beyond, rows, now_of(list));
    if (err) return err;
    lia_principal_limit(list->who, &beyond);
    list->beyond = &beyond;
    err = run(list, rows);
    lia_beyond_close(&beyond);
    return err;
}

static lia_err walk_then(lia_list *list, const lia_rows *rows,
                         lia_err (*run)(lia_list *list, const lia_rows *rows))
{
    lia_arena scratch;
    if (!list->is_past) return walk_beside(list, rows, run);
    lia_err err = lia_arena_init(&scratch, PAST_BYTES);
    list->moment = (lia_moment){.scratch = &scratch, .looked = &list->changes};
    list->changes = 0;
    if (!err) err = lia_moment_find(&list->asked, rows, list->arena, &list->moment.limit);
    if (err == LIA_EABSENT)
        lia_why_set(list->why, err, "as_of: that event is not in the log here");
    if (!err) err = walk_beside(list, rows, run);
    lia_arena_fini(&scratch);
    return err;
}

lia_err lia_list_work(lia_list *list, lia_work *work, size_t rows_max,
                      lia_err (*run)(lia_list *list, const lia_rows *rows))
{
    list->arena = work->call->arena; /* the loop does not touch it meanwhile */
    list->out = &work->out;
    list->why = &work->why;
    list->rows_max = rows_max;
    lia_err err = walk_then(list, &work->rows, run);
    if (!err) note(work->call, list);
    return err;
}

static lia_err run_on_worker(lia_work *work)
{
    return lia_list_work(work->context, work, LIA_LIST_ROWS_MAX, put_page);
}

/* Rows are loaded into the request's arena and forgotten one by one, so the answer, which grows,
 * takes room for a full page of small records before them. */
static void run_here(lia_call *call, lia_list *list)
{
    lia_rows rows;
    lia_err err = lia_node_read(call->api->node, &rows);
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    lia_arena scratch;
    err = lia_arena_init(&scratch, LIA_HTTP_BATCH_BYTES_MAX);
    lia_buf out = lia_buf_make(call->arena);
    list->arena = &scratch;
    list->out = &out;
    list->rows_max = ROWS_MAX_INLINE;
    if (!err) err = put_page(list, &rows);
    lia_node_read_end(call->api->node, &rows);
    lia_arena_fini(&scratch);
    if (!err) note(call, list);
    if (err)
        lia_call_fail(call, err, NULL);
    else
        lia_call_json(call, &out);
}

bool lia_list_is_long(const lia_list *list)
{
    return list->filter || list->order || lia_list_sorts(list) || list->is_past ||
           list->page_size > PAGE_INLINE_MAX || !sees_all(list);
}

void lia_api_list(lia_call *call)
{
    lia_list *list = lia_list_ask(call);
    if (!list) return;
    if (lia_list_is_long(list))
        lia_call_work(call, run_on_worker, list);
    else
        run_here(call, list);
}

/* ---- for others ------------------------------------------------------------------------------ */

lia_list *lia_list_make(lia_call *call, lia_list_each *each, void *context)
{
    lia_list *list = lia_list_ask(call);
    if (!list) return NULL;
    if (lia_list_sorts(list)) {
        lia_call_invalid(call, "order_by: an export is in the order of one indexed field, or of none");
        return NULL;
    }
    list->each = each;
    list->context = context;
    list->page_size = LIA_PAGE_SIZE_MAX;
    list->rows_max = LIA_LIST_ROWS_MAX;
    list->text = lia_buf_make(call->arena);
    list->out = &list->text;
    list->checks = lia_rights_scope(lia_principal_rights(call->who), LIA_ACTION_EXPORT,
                                    lia_kind_find(call->kind->number)) != ACCESS__SCOPE__SCOPE_ALL;
    list->alone |= list->checks; /* what may leave is asked of each record */
    return list;
}

lia_err lia_list_next(lia_list *list, const lia_call *call, const lia_rows *rows, lia_arena *arena,
                      bool *more)
{
    lia_why why = {{0}};
    lia_arena_reset(arena);
    list->arena = arena;
    list->why = &why;
    list->more = list->cut = false;
    list->found = list->looked = list->seen_count = 0;
    lia_err err = walk_then(list, rows, lia_list_walk);
    list->beyond = NULL;
    list->from = list->last;
    list->after = lia_key_span(&list->from);
    size_t mark = lia_arena_mark(call->arena);
    if (!err) note(call, list);
    lia_arena_back(call->arena, mark);
    *more = list->more;
    return err;
}
