/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/backoff.h"

#include "tests/support/test.h"

TEST(waits_double_up_to_an_hour_and_differ)
{
    int64_t want = LIA_RETRY_BASE_MS;
    for (uint32_t n = 1; n < 200; n++) {
        int64_t low = lia_backoff_ms(LIA_RETRY_BASE_MS, n, 0, 0), high = low;
        for (uint32_t dice = 1; dice < 100000; dice += 37) {
            int64_t ms = lia_backoff_ms(LIA_RETRY_BASE_MS, n, dice, 0);
            if (ms < low) low = ms;
            if (ms > high) high = ms;
        }
        CHECK(low >= want / 2 && high <= want && high > low);
        if (want < LIA_RETRY_CAP_MS) want *= 2;
        if (want > LIA_RETRY_CAP_MS) want = LIA_RETRY_CAP_MS;
    }
    CHECK(lia_backoff_ms(LIA_RETRY_BASE_MS, UINT32_MAX, UINT32_MAX, 0) <= LIA_RETRY_CAP_MS);
}

TEST(a_receiver_that_says_when_is_believed_up_to_a_day)
{
    CHECK_EQ(lia_backoff_ms(1000, 1, 0, 30), 30000);
    CHECK_EQ(lia_backoff_ms(1000, 1, 0, UINT64_MAX), LIA_DAY_MS);
    CHECK(lia_backoff_ms(LIA_RETRY_BASE_MS, 30, 0, 1) >= LIA_RETRY_CAP_MS / 2); /* not sooner */
}
