/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/list_sort.h"

#include <stdlib.h>

#include "common/base/assert.h"
#include "common/wire/pb.h"

enum { PRESENT = 0, ABSENT = 1 };

bool lia_is_money(const lia_field *field)
{
    return field->type == LIA_T_MESSAGE && !strcmp(field->message->name, "liaison.crm.Money");
}

bool lia_sort_can(const lia_field *field)
{
    if (field->repeated || field->meaning == LIA_M_TEXT) return false;
    if (field->type == LIA_T_BYTES) return field->meaning == LIA_M_ID;
    return field->type != LIA_T_MESSAGE || lia_is_money(field);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void add(lia_sort_key *key, const void *bytes, size_t size)
{
    lia_assert(key->size + size <= sizeof key->bytes);
    memcpy(key->bytes + key->size, bytes, size);
    key->size += size;
}

static void turn(lia_sort_key *key, size_t from)
{
    for (size_t i = from; i < key->size; i++) key->bytes[i] = (uint8_t)~key->bytes[i];
}

/* As in an index, so that both orders are one. */
static void add_value(lia_sort_key *key, const lia_field *field, lia_span payload)
{
    lia_key prefix = lia_key_index_prefix(0, field);
    lia_key row = lia_key_index_value(0, field, payload);
    add(key, row.bytes + prefix.size, row.size - prefix.size);
}

static void add_money(lia_sort_key *key, const lia_message *money, lia_span payload)
{
    static const char *const parts[] = {"currency", "amount_minor"};
    for (size_t i = 0; i < LIA_COUNT(parts); i++) {
        lia_pb_field part;
        const lia_field *field = lia_field_by_name(money, lia_span_text(parts[i]));
        if (field && lia_pb_find(payload, field->number, &part)) add_value(key, field, part.bytes);
    }
}

static void add_part(lia_sort_key *key, const lia_sort_by *by, lia_id id, lia_span message)
{
    lia_pb_field found;
    size_t from = key->size;
    if (!by->field) {
        add(key, id.bytes, LIA_ID_SIZE);
        if (by->down) turn(key, from);
        return;
    }
    bool has = lia_pb_find(message, by->field->number, &found);
    uint8_t mark = has ? PRESENT : ABSENT;
    add(key, &mark, 1);
    if (!has) return;
    if (lia_is_money(by->field))
        add_money(key, by->field->message, found.bytes);
    else
        add_value(key, by->field, found.bytes);
    if (by->down) turn(key, from + 1);
}

void lia_sort_key_make(const lia_sort *sort, lia_id id, lia_span message, lia_sort_key *out)
{
    out->size = out->first = 0;
    for (size_t i = 0; i < sort->count; i++) {
        add_part(out, &sort->by[i], id, message);
        if (!i) out->first = out->size;
    }
    add(out, id.bytes, LIA_ID_SIZE);
}

void lia_sort_key_of_row(const lia_sort *sort, uint32_t kind, lia_span row, lia_sort_key *out)
{
    const uint8_t mark = PRESENT;
    size_t prefix = lia_key_index_prefix(kind, sort->by[0].field).size;
    lia_assert(row.size >= prefix + LIA_ID_SIZE);
    out->size = 0;
    add(out, &mark, 1);
    add(out, row.data + prefix, row.size - prefix - LIA_ID_SIZE);
    if (sort->by[0].down) turn(out, 1);
    out->first = out->size;
}

/* A value's bytes end at their first zero, or are as long as the field's type. */
static size_t value_bytes(const lia_field *field, const uint8_t *bytes, size_t size)
{
    if (field->type != LIA_T_STRING)
        return field->type == LIA_T_BYTES ? (size > LIA_ID_SIZE ? LIA_ID_SIZE + 1 : 0) : 9;
    const uint8_t *end = memchr(bytes, 0, size);
    return end ? (size_t)(end - bytes) + 1 : 0;
}

bool lia_sort_row_of(const lia_sort *sort, uint32_t kind, lia_span key, lia_key *out)
{
    const lia_sort_by *by = &sort->by[0];
    lia_sort_key plain;
    if (!key.size || key.size > sizeof plain.bytes || key.data[0] != PRESENT) return false;
    plain.size = key.size;
    memcpy(plain.bytes, key.data, key.size);
    if (by->down) turn(&plain, 1);
    size_t size = value_bytes(by->field, plain.bytes + 1, plain.size - 1);
    if (!size || size > plain.size - 1) return false;
    *out = lia_key_index_prefix(kind, by->field);
    if (out->size + size > sizeof out->bytes) return false;
    memcpy(out->bytes + out->size, plain.bytes + 1, size);
    out->size += size;
    return true;
}

lia_id lia_sort_key_id(const lia_sort_key *key)
{
    return lia_id_from(lia_span_make(key->bytes + key->size - LIA_ID_SIZE, LIA_ID_SIZE));
}

/* ---- the first ones -------------------------------------------------------------------------- */

static int compare_bytes(lia_span a, lia_span b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

int lia_sort_key_compare(const lia_sort_key *a, const lia_sort_key *b)
{
    return compare_bytes(lia_span_make(a->bytes, a->size), lia_span_make(b->bytes, b->size));
}

static int compare(const void *a, const void *b)
{
    return lia_sort_key_compare(a, b);
}

lia_err lia_sorted_make(lia_sorted *out, size_t max, lia_span after, lia_arena *arena)
{
    *out = (lia_sorted){.max = max, .after = after};
    out->heap = lia_arena_take(arena, max * sizeof *out->heap);
    return out->heap ? LIA_OK : LIA_EFULL;
}

static void swap(lia_sort_key *a, lia_sort_key *b)
{
    lia_sort_key held = *a;
    *a = *b;
    *b = held;
}

static void sift_up(lia_sorted *sorted, size_t at)
{
    while (at && compare(&sorted->heap[at], &sorted->heap[(at - 1) / 2]) > 0) {
        swap(&sorted->heap[at], &sorted->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sift_down(lia_sorted *sorted)
{
    for (size_t at = 0;;) {
        size_t largest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < sorted->count; child++)
            if (compare(&sorted->heap[child], &sorted->heap[largest]) > 0) largest = child;
        if (largest == at) return;
        swap(&sorted->heap[at], &sorted->heap[largest]);
        at = largest;
    }
}

void lia_sorted_add(lia_sorted *sorted, const lia_sort_key *key)
{
    if (sorted->after.size &&
        compare_bytes(lia_span_make(key->bytes, key->size), sorted->after) <= 0)
        return;
    if (sorted->count < sorted->max) {
        sorted->heap[sorted->count] = *key;
        sift_up(sorted, sorted->count++);
    } else if (compare(key, &sorted->heap[0]) < 0) {
        sorted->heap[0] = *key;
        sift_down(sorted);
    }
}

bool lia_sorted_is_past(const lia_sorted *sorted, const lia_sort_key *first)
{
    if (sorted->count < sorted->max) return false;
    const lia_sort_key *last = &sorted->heap[0];
    return compare_bytes(lia_span_make(first->bytes, first->first),
                         lia_span_make(last->bytes, last->first)) > 0;
}

void lia_sorted_end(lia_sorted *sorted)
{
    qsort(sorted->heap, sorted->count, sizeof *sorted->heap, compare);
    size_t kept = 0; /* a record may have been met twice, in an index row that is older than it */
    for (size_t i = 0; i < sorted->count; i++)
        if (!kept || compare(&sorted->heap[kept - 1], &sorted->heap[i]))
            sorted->heap[kept++] = sorted->heap[i];
    sorted->count = kept;
}
