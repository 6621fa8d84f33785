/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/hook.h"

#include "common/hooks/keep.h"
#include "tests/support/test.h"

/* The member that delivers, for a list of numbers and departments. */
TEST(one_member_delivers_and_all_name_the_same)
{
    lia_members members = {.count = 3,
                           .list = {{.number = 7, .department = LIA_SALES},
                                    {.number = 4, .department = LIA_SERVICE},
                                    {.number = 5, .department = LIA_SALES}},
                           .removed_count = 2,
                           .removed = {{.number = 1, .department = LIA_SALES},
                                       {.number = 2, .department = LIA_MARKETING}}};
    const struct {
        uint32_t node, want;
    } table[] = {{7, 7}, {4, 4}, {1, 5}, {2, 4}, {9, 4}, {0, 4}};
    for (size_t i = 0; i < LIA_COUNT(table); i++) {
        Hooks__Webhook hook = HOOKS__WEBHOOK__INIT;
        hook.has_node = true;
        hook.node = table[i].node;
        CHECK_EQ(lia_webhook_node(&hook, &members), table[i].want);
    }
}

TEST(rows_are_read_as_they_were_written_and_bent_ones_refused)
{
    lia_hook_state state = {1, 2, 3, 4, 5, 6, 7}, back;
    lia_attempt attempt = {.number = 9,
                           .at_ms = 8,
                           .arrival = 7,
                           .try = 6,
                           .status = 503,
                           .ms = 4,
                           .outcome = LIA_FAILED,
                           .replayed = true,
                           .id = "1/00000000000000aa/7",
                           .type = "sales.deal.won",
                           .error = "timed out"},
                again;
    uint8_t row[LIA_STATE_ROW_SIZE], line[LIA_ATTEMPT_ROW_MAX];
    lia_state_row_put(&state, row);
    CHECK_OK(lia_state_row_read(LIA_SPAN_OF(row), &back));
    CHECK(!memcmp(&state, &back, sizeof state));
    CHECK_ERR(lia_state_row_read(lia_span_make(row, sizeof row - 1), &back), LIA_ECORRUPT);
    size_t size = lia_attempt_row_put(&attempt, line);
    CHECK_OK(lia_attempt_row_read(lia_span_make(line, size), &again));
    CHECK_TEXT(again.id, attempt.id);
    CHECK_TEXT(again.type, attempt.type);
    CHECK_TEXT(again.error, attempt.error);
    CHECK(again.status == 503 && again.try == 6 && again.replayed && again.outcome == LIA_FAILED);
    for (size_t cut = 0; cut < size; cut++)
        CHECK_ERR(lia_attempt_row_read(lia_span_make(line, cut), &again), LIA_ECORRUPT);
}
