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
#include "common/http/api_list_inner.h"

#define ROWS_MAX_INLINE 400
#define PAGE_INLINE_MAX 100
#define PAST_BYTES      ((size_t)32 << 20)

/* ---- the page -------------------------------------------------------------------------------- */

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
    if (list->is_past && lia_list_sees_all(list))
        lia_buf_format(out, ",\"changes\":%zu", list->changes);
    if (lia_list_sees_all(list)) /* or it would count what they may not see */
        lia_buf_format(out, ",\"rows\":%zu,\"beyond\":%zu", list->looked,
                       list->beyond ? list->beyond->looked : 0);
    lia_buf_format(out, ",\"found\":%zu}", list->found);
}

static lia_err put_page(lia_list *list, const lia_rows *rows)
{
    lia_buf *out = list->out;
    lia_buf_format(out, "{\"%s\":[", list->kind->plural);
    lia_err err =
        lia_list_sorts(list) ? lia_list_put_sorted(list, rows) : lia_list_walk(list, rows);
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
    if (err == LIA_EABSENT) lia_why_set(list->why, err, "as_of: that event is not in the log here");
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
           list->page_size > PAGE_INLINE_MAX || !lia_list_sees_all(list);
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
        lia_call_invalid(call,
                         "order_by: an export is in the order of one indexed field, or of none");
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
