/* SPDX-License-Identifier: Apache-2.0 */
/* Orders of several fields against a comparison of the values themselves, page by page. */
#include "common/http/list_sort.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/wire/pb.h"
#include "proto/sales.pb-c.h"
#include "tests/support/test.h"

#define DEALS 400

typedef struct deal {
    lia_id id;
    const char *stage; /* NULL: none */
    int64_t amount;    /* INT64_MIN: none */
    int64_t close_at;  /* 0: none */
    const char *currency;
    lia_span message;
} deal;

static lia_arena arena;
static deal deals[DEALS];
static uint64_t dice = 7;

static unsigned roll(unsigned sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(dice >> 33) % sides;
}

static const lia_field *field_of(const char *name)
{
    const lia_field *field =
        lia_field_by_name(lia_kind_find(LIA_DEAL)->message, lia_span_text(name));
    CHECK(field != NULL);
    return field;
}

static void make_deals(void)
{
    static const char *const stages[] = {NULL, "a", "B", "c", "cc", ""};
    static const char *const currencies[] = {"EUR", "USD"};
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 16 << 20));
    lia_arena_reset(&arena);
    for (size_t i = 0; i < DEALS; i++) {
        deal *d = &deals[i];
        *d = (deal){.stage = stages[roll(6)],
                    .amount = roll(4) ? (int64_t)roll(2000) - 1000 : INT64_MIN,
                    .close_at = (int64_t)roll(3) - 1,
                    .currency = currencies[roll(2)]};
        for (size_t k = 0; k < LIA_ID_SIZE; k++) d->id.bytes[k] = (uint8_t)roll(256);
        Crm__Money money = CRM__MONEY__INIT;
        Sales__Deal message = SALES__DEAL__INIT;
        money.has_amount_minor = 1;
        money.amount_minor = d->amount;
        money.currency = d->currency;
        if (d->amount != INT64_MIN) message.amount = &money;
        message.stage = d->stage;
        message.has_close_at = d->close_at != 0;
        message.close_at = d->close_at;
        size_t size = sales__deal__get_packed_size(&message);
        uint8_t *bytes = lia_arena_take(&arena, size + 1);
        d->message = lia_span_make(bytes, sales__deal__pack(&message, bytes));
    }
}

/* ---- the other way to say it ------------------------------------------------------------------
 */

static lia_sort order;

static int compare_texts(const char *a, const char *b)
{
    for (;; a++, b++) {
        int x = *a >= 'A' && *a <= 'Z' ? *a | 0x20 : *a,
            y = *b >= 'A' && *b <= 'Z' ? *b | 0x20 : *b;
        if (x != y) return x < y ? -1 : 1;
        if (!x) return 0;
    }
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* *absent: one of them has no value, which decides without regard to the direction. */
static int compare_field(const deal *a, const deal *b, const lia_field *field, bool *absent)
{
    bool has_a = true, has_b = true;
    int result = 0;
    if (!strcmp(field->name, "stage")) {
        has_a = a->stage, has_b = b->stage;
        if (has_a && has_b) result = compare_texts(a->stage, b->stage);
    } else if (!strcmp(field->name, "amount")) {
        has_a = a->amount != INT64_MIN, has_b = b->amount != INT64_MIN;
        result = strcmp(a->currency, b->currency);
        if (!result) result = compare_numbers(a->amount, b->amount);
    } else {
        has_a = a->close_at, has_b = b->close_at;
        result = compare_numbers(a->close_at, b->close_at);
    }
    *absent = !has_a || !has_b;
    return *absent ? has_b - has_a : result;
}

static int compare(const void *x, const void *y)
{
    const deal *a = x, *b = y;
    for (size_t i = 0; i < order.count; i++) {
        bool absent = false;
        const lia_sort_by *by = &order.by[i];
        int result = by->field ? compare_field(a, b, by->field, &absent)
                               : memcmp(a->id.bytes, b->id.bytes, LIA_ID_SIZE);
        if (result) return by->down && !absent ? -result : result;
    }
    return memcmp(a->id.bytes, b->id.bytes, LIA_ID_SIZE);
}

/* ---- the tests --------------------------------------------------------------------------------
 */

static void check_pages(size_t page)
{
    static deal wanted[DEALS];
    lia_sort_key last = {0}, key;
    size_t at = 0;
    memcpy(wanted, deals, sizeof deals);
    qsort(wanted, DEALS, sizeof *wanted, compare);
    for (;;) {
        lia_sorted sorted;
        size_t mark = lia_arena_mark(&arena);
        CHECK_OK(lia_sorted_make(&sorted, page, lia_span_make(last.bytes, last.size), &arena));
        for (size_t i = 0; i < DEALS; i++) {
            lia_sort_key_make(&order, deals[i].id, deals[i].message, &key);
            lia_sorted_add(&sorted, &key);
            if (i % 3 == 0) lia_sorted_add(&sorted, &key); /* twice is once */
        }
        lia_sorted_end(&sorted);
        for (size_t i = 0; i < sorted.count; i++, at++)
            CHECK(lia_id_equal(lia_sort_key_id(&sorted.heap[i]), wanted[at].id));
        if (!sorted.count) break;
        last = sorted.heap[sorted.count - 1];
        lia_arena_back(&arena, mark);
    }
    CHECK_EQ(at, DEALS);
}

TEST(pages_of_several_fields_are_what_a_comparison_of_the_values_says)
{
    static const struct {
        const char *names[LIA_SORT_FIELDS_MAX];
        unsigned down; /* bits */
    } orders[] = {{{"stage"}, 0},
                  {{"stage", "amount", "close_at"}, 0},
                  {{"stage", "amount", "close_at"}, 7},
                  {{"amount", "stage"}, 1},
                  {{"close_at", "stage", "created_at"}, 6},
                  {{"close_at", "created_at"}, 1}};
    make_deals();
    for (size_t i = 0; i < LIA_COUNT(orders); i++) {
        order.count = 0;
        for (size_t k = 0; k < LIA_SORT_FIELDS_MAX && orders[i].names[k]; k++) {
            lia_sort_by *by = &order.by[order.count++];
            bool creation = !strcmp(orders[i].names[k], "created_at");
            *by = (lia_sort_by){creation ? NULL : field_of(orders[i].names[k]),
                                orders[i].down >> k & 1};
        }
        check_pages(7);
        check_pages(DEALS + 1);
    }
}

TEST(the_place_of_a_record_leads_back_to_its_row_in_the_index)
{
    make_deals();
    for (unsigned down = 0; down < 2; down++)
        for (size_t f = 0; f < 2; f++) {
            const lia_field *field = field_of(f ? "close_at" : "stage");
            order = (lia_sort){.by = {{field, down}, {field_of("amount"), !down}}, .count = 2};
            for (size_t i = 0; i < DEALS; i++) {
                lia_pb_field found;
                lia_sort_key key, first;
                lia_key row;
                lia_sort_key_make(&order, deals[i].id, deals[i].message, &key);
                bool has = lia_pb_find(deals[i].message, field->number, &found);
                lia_span bytes = lia_span_make(key.bytes, key.size);
                CHECK_EQ(lia_sort_row_of(&order, LIA_DEAL, bytes, &row), has);
                if (!has) continue;
                lia_key wanted = lia_key_index_value(LIA_DEAL, field, found.bytes);
                CHECK(lia_span_equal(lia_key_span(&row), lia_key_span(&wanted)));
                wanted = lia_key_index(LIA_DEAL, field, found.bytes, deals[i].id);
                lia_sort_key_of_row(&order, LIA_DEAL, lia_key_span(&wanted), &first);
                CHECK_EQ(first.first, key.first);
                CHECK(!memcmp(first.bytes, key.bytes, key.first));
            }
        }
}

/* A token is what a client makes of it. */
TEST(a_place_that_was_made_up_leads_nowhere_or_into_the_index)
{
    uint8_t bytes[600];
    lia_key row;
    order = (lia_sort){.by = {{field_of("stage"), true}}, .count = 1};
    for (size_t round = 0; round < 20000; round++) {
        size_t size = roll(sizeof bytes);
        for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)roll(256);
        if (size) bytes[0] = (uint8_t)roll(2);
        order.by[0] = (lia_sort_by){field_of(roll(2)   ? "stage"
                                             : roll(2) ? "owner"
                                                       : "close_at"),
                                    roll(2)};
        if (!lia_sort_row_of(&order, LIA_DEAL, lia_span_make(bytes, size), &row)) continue;
        lia_key prefix = lia_key_index_prefix(LIA_DEAL, order.by[0].field);
        CHECK(row.size > prefix.size && !memcmp(row.bytes, prefix.bytes, prefix.size));
    }
}
