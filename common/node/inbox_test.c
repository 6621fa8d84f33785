/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/inbox.h"

#include "common/base/limits.h"
#include "tests/support/test.h"

static lia_command commands[4 * LIA_QUEUE_COMMANDS_MAX];

/* Those from `at` on, as one list. */
static lia_command *list(size_t at, size_t count, bool bulk)
{
    for (size_t i = at; i < at + count; i++)
        commands[i] = (lia_command){.bulk = bulk,
                                    .actor = (uint32_t)i,
                                    .next = i + 1 < at + count ? &commands[i + 1] : NULL};
    return &commands[at];
}

static void check_list(const lia_command *first, size_t at, size_t count)
{
    for (size_t i = 0; i < count; i++, first = first->next) {
        CHECK(first);
        CHECK_EQ(first->actor, at + i);
    }
}

TEST(a_quick_command_stands_before_bulk_that_came_earlier)
{
    lia_inbox inbox = {0};
    lia_command *group;
    CHECK_OK(lia_inbox_add(&inbox, list(10, 2000, true), 2000));
    CHECK_OK(lia_inbox_add(&inbox, list(0, 1, false), 1));
    CHECK_EQ(lia_inbox_take(&inbox, 4096, &group), 1 + LIA_GROUP_BULK_MAX);
    check_list(group, 0, 1);
    check_list(group->next, 10, LIA_GROUP_BULK_MAX);
    CHECK_EQ(lia_inbox_count(&inbox), 2000 - LIA_GROUP_BULK_MAX);
    CHECK_EQ(lia_inbox_take(&inbox, 7, &group), 7);
    check_list(group, 10 + LIA_GROUP_BULK_MAX, 7);
    CHECK(!group->next->next->next->next->next->next->next);
}

TEST(bulk_leaves_the_quick_their_room)
{
    lia_inbox inbox = {0};
    lia_command *group;
    enum { MAX = LIA_QUEUE_COMMANDS_MAX };
    CHECK_OK(lia_inbox_add(&inbox, list(0, 2 * MAX, true), 2 * MAX));
    CHECK_EQ(lia_inbox_add(&inbox, list(2 * MAX, 1, true), 1), LIA_EFULL);
    for (size_t i = 0; i < MAX; i++)
        CHECK_OK(lia_inbox_add(&inbox, list(2 * MAX + i, 1, false), 1));
    CHECK_EQ(lia_inbox_add(&inbox, list(3 * MAX, 1, false), 1), LIA_EFULL);
    CHECK_EQ(lia_inbox_count(&inbox), 3 * MAX);
    size_t taken = lia_inbox_take(&inbox, MAX, &group);
    CHECK_EQ(taken, MAX);
    check_list(group, 2 * MAX, MAX);
    check_list(lia_inbox_empty(&inbox), 0, 2 * MAX);
    CHECK_EQ(lia_inbox_count(&inbox), 0);
    CHECK(!lia_inbox_empty(&inbox));
    CHECK_EQ(lia_inbox_take(&inbox, 1, &group), 0);
    CHECK(!group);
}
