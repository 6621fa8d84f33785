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
