/* SPDX-License-Identifier: Apache-2.0 */
/* A page in an order that no index has. All records that belong are met, or those of the first
 * field's index up to where the page is full, and the first ones behind the page before are kept;
 * then they are read once more and written. So a page costs the rows of the whole question, which
 * is why their number is bounded, and memory is that of a page. */
#include "common/http/api_gate.h"
#include "common/http/api_list_inner.h"

void lia_list_narrow(const lia_list *list, lia_walk_range *rows)
{
    lia_key key;
    if (!lia_sort_row_of(&list->sort, list->kind->number, list->after, &key)) return;
    if (list->down)
        rows->last = key;
    else
        rows->first = key;
}

bool lia_list_is_past(const lia_list *list, lia_span row)
{
    lia_sort_key first;
    if (!lia_list_sorts(list) || !list->order || list->phase || !list->sorted.heap) return false;
    lia_sort_key_of_row(&list->sort, list->kind->number, row, &first);
    return lia_sorted_is_past(&list->sorted, &first);
}

/* Records without a value come last: when a page is full without them they are not looked for, and
 * when the page before ended among them only they are. */
static lia_err collect(lia_list *list, const lia_rows *rows)
{
    if (list->order && list->after.size && list->after.data[0]) list->phase = 1;
    lia_err err = lia_list_walk(list, rows);
    if (err || !list->cut) return err;
    return lia_why_set(list->why, LIA_EINVAL,
                       "order_by: more than %zu rows to sort; narrow them by a filter, or order by "
                       "one indexed field",
                       list->rows_max);
}

static lia_err put_one(lia_list *list, const lia_rows *rows, const lia_sort_key *key)
{
    lia_shown shown;
    size_t mark = lia_arena_mark(list->arena);
    lia_err err = lia_list_load(list, rows, lia_sort_key_id(key), &shown);
    if (!err) err = lia_list_put(list, rows, &shown);
    lia_arena_back(list->arena, mark);
    return err == LIA_EABSENT ? LIA_OK : err;
}

lia_err lia_list_put_sorted(lia_list *list, const lia_rows *rows)
{
    lia_sorted *sorted = &list->sorted;
    lia_err err = lia_sorted_make(sorted, list->page_size + 1, list->after, list->arena);
    if (!err) err = collect(list, rows);
    if (err) return err;
    bool was_full = sorted->count > list->page_size;
    lia_sorted_end(sorted);
    list->more = was_full;
    size_t count = sorted->count < list->page_size ? sorted->count : list->page_size;
    for (size_t i = 0; i < count && !err; i++) err = put_one(list, rows, &sorted->heap[i]);
    if (!count) return err;
    const lia_sort_key *last = &sorted->heap[count - 1];
    list->last.size = last->size;
    memcpy(list->last.bytes, last->bytes, last->size);
    list->phase = 0;
    return err;
}
