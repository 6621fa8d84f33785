/* SPDX-License-Identifier: Apache-2.0 */
/* GET /{plural}:aggregate?group_by=stage,owner&sum=amount and what a list takes: how many records a
 * list would show, and what they come to, all together and by the values of some fields.
 *
 * The walk, the filter, the rights and the past are the list's (api_list.c), so nobody counts what
 * they would not be shown. It looks at ROWS_MAX rows at most and says `complete` when those were
 * all. A group is known by the message that is left of a record when only the grouping fields stand
 * in it; money is summed by currency. Of customers who are several records each record counts. */
#include <stdlib.h>

#include "common/base/decimal.h"
#include "common/http/api_list_inner.h"

#define ROWS_MAX       200000
#define GROUPS_MAX     1000
#define GROUPS_INDEX   4096 /* a power of two */
#define FIELDS_MAX     3
#define SUMS_MAX       4
#define CURRENCIES_MAX 8
#define KEY_BYTES_MAX  512

/* What the values of a field come to; of money in one currency. */
typedef struct sum {
    char currency[4];
    int64_t value;
    uint64_t count; /* records that have one */
} sum;

typedef struct group {
    lia_span key;
    uint64_t count;
    sum sums[SUMS_MAX][CURRENCIES_MAX];
} group;

typedef struct counting {
    lia_list *list;
    const lia_field *by[FIELDS_MAX], *of[SUMS_MAX];
    size_t by_count, of_count;
    uint32_t currency, minor; /* numbers of money's fields */
    group all, *groups[GROUPS_MAX];
    size_t group_count;
    uint16_t index[GROUPS_INDEX]; /* group + 1 */
    lia_arena *arena;             /* of what is kept */
    lia_arena kept;
} counting;

/* ---- one record ------------------------------------------------------------------------------ */

static size_t slot_of(const counting *c, lia_span key)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < key.size; i++) hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
    size_t slot = (size_t)(hash ^ hash >> 32) & (GROUPS_INDEX - 1);
    while (c->index[slot] && !lia_span_equal(c->groups[c->index[slot] - 1]->key, key))
        slot = (slot + 1) & (GROUPS_INDEX - 1);
    return slot;
}

static lia_err find_group(counting *c, lia_span key, group **out)
{
    size_t slot = slot_of(c, key);
    *out = c->index[slot] ? c->groups[c->index[slot] - 1] : NULL;
    if (*out) return LIA_OK;
    if (c->group_count == GROUPS_MAX)
        return lia_why_set(c->list->why, LIA_EINVAL,
                           "group_by: there are more than %d groups; narrow them by a filter",
                           GROUPS_MAX);
    *out = lia_arena_zero(c->arena, sizeof **out);
    if (!*out) return LIA_EFULL;
    (*out)->key = lia_arena_copy(c->arena, key);
    if (key.size && !(*out)->key.data) return LIA_EFULL;
    c->groups[c->group_count++] = *out;
    c->index[slot] = (uint16_t)c->group_count;
    return LIA_OK;
}

/* The record with nothing but its grouping fields. */
static lia_err key_of(const counting *c, lia_span message, lia_buf *out)
{
    lia_pb_field found;
    for (size_t i = 0; i < c->by_count; i++)
        if (lia_pb_find(message, c->by[i]->number, &found))
            lia_pb_put_raw(out, found.number, found.wire, found.bytes);
    if (out->size > KEY_BYTES_MAX)
        return lia_why_set(c->list->why, LIA_EINVAL,
                           "group_by: the values of a record are longer than %d bytes",
                           KEY_BYTES_MAX);
    return out->failed ? LIA_EFULL : LIA_OK;
}

static lia_err add_value(const counting *c, sum *to, const lia_field *field, int64_t value)
{
    to->count++;
    if (!__builtin_add_overflow(to->value, value, &to->value)) return LIA_OK;
    return lia_why_set(c->list->why, LIA_EINVAL, "sum: %s comes to more than a number can hold",
                       field->name);
}

static lia_err add_money(const counting *c, sum *sums, const lia_field *field, lia_span money)
{
    lia_pb_field currency, minor;
    bool is_whole = lia_pb_find(money, c->currency, &currency) && currency.bytes.size == 3 &&
                    lia_pb_find(money, c->minor, &minor);
    if (!is_whole) return LIA_OK;
    for (size_t i = 0; i < CURRENCIES_MAX; i++) {
        if (!sums[i].count) memcpy(sums[i].currency, currency.bytes.data, 3);
        if (memcmp(sums[i].currency, currency.bytes.data, 3) == 0)
            return add_value(c, &sums[i], field, (int64_t)minor.value);
    }
    return lia_why_set(c->list->why, LIA_EINVAL, "sum: %s is in more than %d currencies",
                       field->name, CURRENCIES_MAX);
}

static lia_err add_record(const counting *c, group *to, lia_span message)
{
    lia_err err = LIA_OK;
    to->count++;
    for (size_t i = 0; i < c->of_count && !err; i++) {
        lia_pb_field found;
        if (!lia_pb_find(message, c->of[i]->number, &found)) continue;
        if (lia_is_money(c->of[i]))
            err = add_money(c, to->sums[i], c->of[i], found.bytes);
        else
            err = add_value(c, to->sums[i], c->of[i], (int64_t)found.value);
    }
    return err;
}

static lia_err take(void *context, const lia_shown *shown)
{
    counting *c = context;
    group *to;
    lia_err err = add_record(c, &c->all, shown->message);
    if (err || !c->by_count) return err;
    lia_buf key = lia_buf_make(c->list->arena);
    err = key_of(c, shown->message, &key);
    if (!err) err = find_group(c, lia_buf_get(&key), &to);
    return err ? err : add_record(c, to, shown->message);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void put_sums(const counting *c, lia_buf *out, const group *of)
{
    lia_buf_format(out, "\"count\":%llu", (unsigned long long)of->count);
    for (size_t i = 0; i < c->of_count; i++) {
        const sum *sums = of->sums[i];
        lia_buf_format(out, "%s\"%s\":", i ? "," : ",\"sums\":{", c->of[i]->name);
        if (c->of[i]->meaning == LIA_M_DECIMAL) {
            char text[LIA_DECIMAL_TEXT_SIZE];
            lia_decimal_print(sums->value, c->of[i]->scale, text);
            lia_buf_format(out, "{\"sum\":\"%s\",\"count\":%llu}", text,
                           (unsigned long long)sums->count);
            continue;
        }
        if (!lia_is_money(c->of[i])) {
            lia_buf_format(out, "{\"sum\":%lld,\"count\":%llu}", (long long)sums->value,
                           (unsigned long long)sums->count);
            continue;
        }
        lia_buf_byte(out, '[');
        for (size_t k = 0; k < CURRENCIES_MAX && sums[k].count; k++)
            lia_buf_format(out, "%s{\"amount_minor\":%lld,\"currency\":\"%s\",\"count\":%llu}",
                           k ? "," : "", (long long)sums[k].value, sums[k].currency,
                           (unsigned long long)sums[k].count);
        lia_buf_byte(out, ']');
    }
    if (c->of_count) lia_buf_byte(out, '}');
}

typedef struct placed {
    lia_sort_key place;
    const group *group;
} placed;

static int by_place(const void *a, const void *b)
{
    const placed *one = a, *other = b;
    int order = lia_sort_key_compare(&one->place, &other->place);
    return order ? order : lia_span_compare(one->group->key, other->group->key);
}

static lia_err put_groups(counting *c, lia_buf *out)
{
    lia_sort sort = {.count = c->by_count};
    placed *list = lia_arena_take(c->arena, (c->group_count + 1) * sizeof *list);
    if (!list) return LIA_EFULL;
    for (size_t i = 0; i < c->by_count; i++) sort.by[i].field = c->by[i];
    for (size_t i = 0; i < c->group_count; i++) {
        list[i].group = c->groups[i];
        lia_sort_key_make(&sort, LIA_ID_NONE, c->groups[i]->key, &list[i].place);
    }
    qsort(list, c->group_count, sizeof *list, by_place);
    lia_buf_text(out, ",\"groups\":[");
    for (size_t i = 0; i < c->group_count; i++) {
        lia_buf_text(out, i ? ",{\"key\":" : "{\"key\":");
        lia_json_put_message(out, c->list->kind->message, list[i].group->key);
        lia_buf_byte(out, ',');
        put_sums(c, out, list[i].group);
        lia_buf_byte(out, '}');
    }
    lia_buf_byte(out, ']');
    return LIA_OK;
}

static lia_err count(lia_list *list, const lia_rows *rows)
{
    counting *c = list->context;
    lia_buf *out = list->out;
    lia_err err = lia_list_walk(list, rows);
    if (err) return err;
    lia_buf_format(out, "{\"kind\":\"%s\",", list->kind->name);
    put_sums(c, out, &c->all);
    lia_buf_format(out, ",\"complete\":%s", list->cut ? "false" : "true");
    if (c->by_count) err = put_groups(c, out);
    if (list->is_past) {
        lia_buf_text(out, ",\"as_of\":");
        lia_json_put_time(out, (lia_time){lia_hlc_ms(list->moment.limit.hlc)});
    }
    if (list->explain) lia_list_put_explanation(list);
    lia_buf_byte(out, '}');
    return err;
}

static lia_err run(lia_work *work)
{
    counting *c = work->context;
    lia_err err = lia_arena_init(&c->kept, LIA_TURN_ARENA_BYTES);
    c->arena = &c->kept; /* what the walk reads is forgotten record by record */
    if (!err) err = lia_list_work(c->list, work, ROWS_MAX, count);
    lia_arena_fini(&c->kept);
    return err;
}

/* ---- the question ---------------------------------------------------------------------------- */

static bool can_group(const lia_field *field)
{
    return lia_sort_can(field) && field->type != LIA_T_MESSAGE;
}

static bool can_sum(const lia_field *field)
{
    if (field->repeated) return false;
    bool is_number = field->type == LIA_T_INT || field->type == LIA_T_UINT;
    return lia_is_money(field) ||
           (is_number && field->meaning != LIA_M_INSTANT && field->meaning != LIA_M_DATE);
}

/* Names between commas, each once. */
static bool read_fields(lia_call *call, const char *name, bool (*can)(const lia_field *),
                        const lia_field **out, size_t max, size_t *count)
{
    lia_span text;
    const lia_message *schema = call->kind->message;
    if (!lia_call_param(call, name, &text)) return false;
    while (text.size) {
        lia_span word = lia_api_take(&text, ',');
        const lia_field *field = lia_field_by_name(schema, word);
        bool again = false;
        for (size_t i = 0; i < *count; i++) again |= out[i] == field;
        if (field && can(field) && !again && *count < max) {
            out[(*count)++] = field;
            continue;
        }
        lia_buf names = lia_buf_make(call->arena);
        for (size_t i = 0; i < schema->count; i++)
            if (can(&schema->fields[i]))
                lia_buf_format(&names, "%s%s", names.size ? ", " : "", schema->fields[i].name);
        lia_call_invalid(call, "%s: at most %zu of %.*s, each once, between commas", name, max,
                         (int)names.size, (const char *)names.data);
        return false;
    }
    return true;
}

/* Grouping fields stand ascending in a group's message. */
static void order_fields(counting *c)
{
    for (size_t i = 1; i < c->by_count; i++)
        for (size_t k = i; k && c->by[k]->number < c->by[k - 1]->number; k--) {
            const lia_field *held = c->by[k];
            c->by[k] = c->by[k - 1];
            c->by[k - 1] = held;
        }
}

static void find_money(counting *c)
{
    for (size_t i = 0; i < c->of_count; i++) {
        if (!lia_is_money(c->of[i])) continue;
        const lia_message *money = c->of[i]->message;
        c->currency = lia_field_by_name(money, LIA_SPAN("currency"))->number;
        c->minor = lia_field_by_name(money, LIA_SPAN("amount_minor"))->number;
    }
}

void lia_api_aggregate(lia_call *call)
{
    counting *c = lia_arena_zero(call->arena, sizeof *c);
    if (!c) {
        lia_call_fail(call, LIA_EFULL, NULL);
        return;
    }
    if (!read_fields(call, "group_by", can_group, c->by, FIELDS_MAX, &c->by_count) ||
        !read_fields(call, "sum", can_sum, c->of, SUMS_MAX, &c->of_count))
        return;
    lia_list *list = lia_list_ask(call);
    if (!list) return; /* answered */
    c->list = list;
    if (lia_list_sorts(c->list) || c->list->order || c->list->after.size) {
        lia_call_invalid(call,
                         "order_by and page_token: what is counted has neither order nor pages");
        return;
    }
    order_fields(c);
    find_money(c);
    c->list->take = take;
    c->list->context = c;
    c->list->page_size = SIZE_MAX;
    lia_call_work(call, run, c);
}
