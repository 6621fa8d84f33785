/* SPDX-License-Identifier: Apache-2.0 */
#include "common/wire/sort.h"

#include "tests/support/test.h"

typedef struct member {
    uint32_t key;
    uint8_t rest[300];
} member;

static int by_key(const void *a, const void *b)
{
    uint32_t x = ((const member *)a)->key, y = ((const member *)b)->key;
    return x < y ? -1 : x > y;
}

TEST(arrays_of_every_size_and_order_come_out_ascending_and_whole)
{
    static member members[200];
    lia_dice dice = {7};
    for (int round = 0; round < 2000; round++) {
        size_t count = lia_dice_below(&dice, 200);
        uint64_t spread = 1 + lia_dice_below(&dice, 300), sum = 0, after = 0;
        for (size_t i = 0; i < count; i++) {
            members[i].key = (uint32_t)lia_dice_below(&dice, spread);
            memset(members[i].rest, (int)(members[i].key & 0xff), sizeof members[i].rest);
            sum += members[i].key;
        }
        lia_sort(members, count, sizeof *members, by_key);
        for (size_t i = 0; i < count; i++) {
            if (i) CHECK(members[i - 1].key <= members[i].key);
            CHECK_EQ(members[i].rest[299], members[i].key & 0xff);
            after += members[i].key;
        }
        CHECK_EQ(sum, after);
    }
}

typedef struct large {
    uint32_t key;
    uint8_t rest[600];
} large;

/* Too large to be kept aside. */
TEST(large_members_come_out_ascending_and_whole)
{
    static large members[150];
    lia_dice dice = {11};
    for (int round = 0; round < 50; round++) {
        size_t count = lia_dice_below(&dice, 150);
        for (size_t i = 0; i < count; i++) {
            members[i].key = (uint32_t)lia_dice_below(&dice, 100);
            memset(members[i].rest, (int)members[i].key, sizeof members[i].rest);
        }
        lia_sort(members, count, sizeof *members, by_key);
        for (size_t i = 0; i < count; i++) {
            if (i) CHECK(members[i - 1].key <= members[i].key);
            CHECK_EQ(members[i].rest[599], members[i].key);
        }
    }
}

static uint64_t compared;

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    compared++;
    return x < y ? -1 : x > y;
}

/* McIlroy's adversary (1999): it decides what numbers are as they are compared, so that each pivot
 * is as bad as can be; whoever has no bad case needs few comparisons all the same. */
static uint32_t values[1 << 14];
static uint32_t next_value, candidate;

static int by_adversary(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    compared++;
    if (values[x] == UINT32_MAX && values[y] == UINT32_MAX)
        values[x == candidate ? x : y] = next_value++;
    if (values[x] == UINT32_MAX)
        candidate = x;
    else if (values[y] == UINT32_MAX)
        candidate = y;
    return values[x] < values[y] ? -1 : values[x] > values[y];
}

TEST(there_is_no_bad_case)
{
    enum { COUNT = 1 << 14, MOST = 3 * COUNT * 14 };
    static uint32_t numbers[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        numbers[i] = i;
        values[i] = UINT32_MAX;
    }
    compared = 0;
    lia_sort(numbers, COUNT, sizeof *numbers, by_adversary);
    CHECK(compared < MOST);
    for (uint32_t i = 1; i < COUNT; i++) CHECK(values[numbers[i - 1]] <= values[numbers[i]]);
    for (uint32_t i = 0; i < COUNT; i++) numbers[i] = values[i];
    compared = 0;
    lia_sort(numbers, COUNT, sizeof *numbers, by_number); /* the same, as an array */
    CHECK(compared < MOST);
    for (uint32_t i = 0; i < COUNT; i++) numbers[i] = i % 2 ? i : COUNT - i;
    compared = 0;
    lia_sort(numbers, COUNT, sizeof *numbers, by_number);
    CHECK(compared < MOST);
    for (uint32_t i = 0; i < COUNT; i++) numbers[i] = 7;
    numbers[COUNT - 1] = 6;
    lia_sort(numbers, COUNT, sizeof *numbers, by_number);
    CHECK_EQ(numbers[0], 6);
    CHECK(compared < 2 * MOST);
}
