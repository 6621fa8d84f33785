/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/trace.h"

#include <stdio.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "common/base/log.h"
#include "tests/support/test.h"

#define ID   "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"

TEST(a_traceparent_is_read_as_the_text_of_level_1_says)
{
    static const struct {
        const char *text;
        bool good, sampled;
    } cases[] = {
        {"00-" ID "-" SPAN "-01", true, true},
        {"00-" ID "-" SPAN "-00", true, false},
        {"00-" ID "-" SPAN "-ff", true, true}, /* flags that level 1 does not know */
        {"00-" ID "-" SPAN "-fe", true, false},
        {"cc-" ID "-" SPAN "-01", true, true}, /* a later version, read as far as it is known */
        {"cc-" ID "-" SPAN "-01-what-comes-then", true, true},
        {"cc-" ID "-" SPAN "-01what", false, false},
        {"ff-" ID "-" SPAN "-01", false, false},
        {"00-" ID "-" SPAN "-01-", false, false},
        {"00-" ID "-" SPAN "-01 ", false, false},
        {"00-" ID "-" SPAN "-0", false, false},
        {"00-" ID "-" SPAN, false, false},
        {"00_" ID "-" SPAN "-01", false, false},
        {"00-" ID "_" SPAN "-01", false, false},
        {"00-" ID "-" SPAN "_01", false, false},
        {"0g-" ID "-" SPAN "-01", false, false},
        {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", false, false},
        {"00-" ID "-00F067AA0BA902B7-01", false, false},
        {"00-" ID "-" SPAN "-0A", false, false},
        {"00-00000000000000000000000000000000-" SPAN "-01", false, false},
        {"00-" ID "-0000000000000000-01", false, false},
        {"", false, false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_trace trace;
        lia_err err = lia_trace_parse(lia_span_text(cases[i].text), &trace);
        CHECK_EQ(err == LIA_OK, cases[i].good);
        CHECK_EQ(lia_trace_is_none(&trace), !cases[i].good);
        CHECK_EQ(lia_trace_is_sampled(&trace), cases[i].sampled);
    }
}

TEST(a_traceparent_is_printed_as_it_was_read)
{
    static const char *const text = "00-" ID "-" SPAN "-01";
    char again[LIA_TRACE_TEXT_SIZE];
    lia_trace trace;
    CHECK_OK(lia_trace_parse(lia_span_text(text), &trace));
    lia_trace_print(&trace, again);
    CHECK(strcmp(text, again) == 0);
}

TEST(a_tracestate_is_passed_on_only_when_all_of_it_is_well_formed)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"rojo=00f067aa0ba902b7", true},
        {"rojo=1, congo=t61rcWkgMzE", true},
        {"rojo=1,,congo=2,", true},
        {"tenant@system=a b", true},
        {"1tenant@system=1", true},
        {"a*b/c_d-e=!#~", true},
        {"", false},
        {",", false},
        {"rojo", false},
        {"=1", false},
        {"rojo=", false},
        {"rojo=1,rojo=2", false},
        {"Rojo=1", false},
        {"1rojo=1", false},
        {"ro jo=1", false},
        {"rojo=1=2", false},
        {"tenant@=1", false},
        {"@system=1", false},
        {"tenant@1system=1", false},
        {"tenant@sys@tem=1", false},
        {"tenant@fifteenlettersx=1", false},
        {"rojo=\x7f", false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_EQ(lia_trace_state_is_good(lia_span_text(cases[i].text)), cases[i].good);
}

TEST(a_tracestate_has_at_most_32_members_and_512_bytes)
{
    char text[LIA_TRACE_STATE_MAX + 2] = "";
    size_t size = 0;
    for (int i = 0; i < 32; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%sk%d=v", i ? "," : "", i);
    CHECK(lia_trace_state_is_good(lia_span_make(text, size)));
    size += (size_t)snprintf(text + size, sizeof text - size, ",k32=v");
    CHECK(!lia_trace_state_is_good(lia_span_make(text, size)));
    memset(text, 'v', sizeof text - 1);
    memcpy(text, "a=", 2);
    text[200] = ',';
    memcpy(text + 201, "b=", 2);
    text[400] = ',';
    memcpy(text + 401, "c=", 2);
    CHECK(lia_trace_state_is_good(lia_span_make(text, LIA_TRACE_STATE_MAX)));
    CHECK(!lia_trace_state_is_good(lia_span_make(text, LIA_TRACE_STATE_MAX + 1)));
}

static void count_one(void *context, const lia_traced *traced)
{
    (void)traced;
    ++*(int *)context;
}

static void count_lost(void *context, uint64_t count)
{
    *(int *)context -= (int)count;
}

TEST(as_many_chains_are_sampled_as_the_ratio_says_and_none_without_a_taker)
{
    int taken = 0, sampled = 0;
    enum { CHAINS = 20000 };
    CHECK_OK(lia_crypto_init());
    for (int i = 0; i < 1000; i++) {
        lia_trace trace = lia_trace_begin();
        CHECK(!lia_trace_is_sampled(&trace) && !lia_trace_is_none(&trace));
    }
    const lia_trace_sink quarter = {count_one, count_lost, &taken, 0.25};
    lia_trace_to(&quarter);
    for (int i = 0; i < CHAINS; i++) {
        lia_trace trace = lia_trace_begin();
        sampled += lia_trace_is_wanted(&trace);
    }
    /* Six standard deviations of a binomial distribution are below 370. */
    CHECK(sampled > CHAINS / 4 - 370 && sampled < CHAINS / 4 + 370);
    const lia_trace_sink all = {count_one, count_lost, &taken, 1},
                         none = {count_one, count_lost, &taken, 0};
    lia_trace_to(&all);
    for (int i = 0; i < 1000; i++) {
        lia_trace trace = lia_trace_begin();
        CHECK(lia_trace_is_wanted(&trace));
    }
    lia_trace_to(&none);
    for (int i = 0; i < 1000; i++) {
        lia_trace trace = lia_trace_begin();
        CHECK(!lia_trace_is_wanted(&trace));
    }
    lia_trace_to(NULL);
}

TEST(a_span_stands_under_its_parent_in_the_same_chain_and_is_given_once)
{
    int taken = 0;
    lia_traced traced;
    lia_trace parent;
    CHECK_OK(lia_crypto_init());
    CHECK_OK(lia_trace_parse(LIA_SPAN("00-" ID "-" SPAN "-01"), &parent));
    const lia_trace_sink to = {count_one, count_lost, &taken, 0};
    lia_trace_to(&to);
    lia_traced_begin(&traced, &parent, LIA_TRACED_INTERNAL, "%s", "a name");
    CHECK(memcmp(traced.trace.id, parent.id, sizeof parent.id) == 0);
    CHECK(memcmp(traced.parent, parent.span, sizeof parent.span) == 0);
    CHECK(memcmp(traced.trace.span, parent.span, sizeof parent.span) != 0);
    CHECK(lia_trace_is_wanted(&traced.trace));
    for (int i = 0; i < LIA_TRACED_NOTES_MAX + 3; i++) lia_traced_number(&traced, "n", i);
    CHECK_EQ(traced.note_count, LIA_TRACED_NOTES_MAX);
    lia_traced_end(&traced);
    CHECK_EQ(taken, 1);
    CHECK(traced.ended_ns >= traced.began_ns);
    lia_traced_lose(3);
    CHECK_EQ(taken, -2);
    lia_trace_to(NULL);
    lia_traced_end(&traced);
    lia_traced_lose(3);
    CHECK_EQ(taken, -2);
}

TEST(a_thread_is_at_what_it_said_last)
{
    lia_trace trace, none;
    CHECK_OK(lia_trace_parse(LIA_SPAN("00-" ID "-" SPAN "-01"), &trace));
    lia_trace_use(&trace);
    lia_trace now = lia_trace_current();
    CHECK(lia_trace_equal(&now, &trace));
    lia_trace_use(NULL);
    none = lia_trace_current();
    CHECK(lia_trace_is_none(&none));
}

/* One line of the log, as it is written. */
static void log_one(char line[512])
{
    int ends[2], old = dup(STDERR_FILENO);
    CHECK(old >= 0 && pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) >= 0);
    LIA_LOG(INFO, "test.logged", LIA_INT("number", 7));
    CHECK(dup2(old, STDERR_FILENO) >= 0);
    ssize_t size = read(ends[0], line, 511);
    CHECK(size > 0);
    line[size] = 0;
    close(ends[0]);
    close(ends[1]);
    close(old);
}

TEST(a_line_of_the_log_says_what_its_thread_is_at)
{
    char line[512];
    lia_trace trace;
    CHECK_OK(lia_trace_parse(LIA_SPAN("00-" ID "-" SPAN "-00"), &trace));
    lia_trace_use(&trace);
    log_one(line);
    CHECK(strstr(line, "\"trace_id\":\"" ID "\",\"span_id\":\"" SPAN "\",\"number\":7"));
    lia_trace_use(NULL);
    log_one(line);
    CHECK(!strstr(line, "trace_id") && strstr(line, "\"number\":7"));
}
