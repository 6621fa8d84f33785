/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/traces.h"

#include <stdio.h>

#include "common/base/crypto.h"
#include "tests/support/test.h"

static lia_traces traces;
static uint64_t taken, lost;

static void take(void *context, const lia_traced *traced)
{
    (void)context;
    CHECK(traced->ended_ns >= traced->began_ns);
    taken++;
}

static void lose(void *context, uint64_t count)
{
    (void)context;
    lost += count;
}

static const lia_trace_sink all = {take, lose, NULL, 1};

static void begin(void)
{
    CHECK_OK(lia_crypto_init());
    lia_traces_fini(&traces);
    taken = lost = 0;
    lia_trace_to(&all);
}

/* A large import that somebody follows must neither grow without end nor lose spans in silence. */
TEST(spans_of_a_batch_are_bounded_and_those_beyond_are_counted)
{
    begin();
    lia_trace parent = lia_trace_begin();
    for (int i = 0; i < LIA_TRACES_MAX + 7; i++)
        CHECK_EQ(lia_traces_begin(&traces, &parent, LIA_TRACED_INTERNAL, "one") != NULL,
                 i < LIA_TRACES_MAX);
    CHECK_EQ(taken, 0); /* what is not durable yet is not told */
    lia_traces_commit(&traces);
    CHECK_EQ(taken, LIA_TRACES_MAX);
    CHECK_EQ(lost, 7);
    CHECK(lia_traces_begin(&traces, &parent, LIA_TRACED_INTERNAL, "next") != NULL);
    lia_traces_drop(&traces); /* the batch was lost */
    lia_traces_commit(&traces);
    CHECK_EQ(taken, LIA_TRACES_MAX);
}

TEST(what_is_not_sampled_or_wanted_by_nobody_is_no_span)
{
    begin();
    lia_trace sampled = lia_trace_begin(), quiet = sampled;
    quiet.flags = 0;
    CHECK(!lia_traces_begin(&traces, &quiet, LIA_TRACED_INTERNAL, "quiet"));
    CHECK(!lia_traces_begin(&traces, &LIA_TRACE_NONE, LIA_TRACED_INTERNAL, "none"));
    lia_trace_to(NULL);
    CHECK(!lia_traces_begin(&traces, &sampled, LIA_TRACED_INTERNAL, "nobody"));
    lia_traces_commit(&traces);
    CHECK(!traces.spans && !traces.lost);
}

TEST(the_span_of_an_events_arrival_is_found_in_its_batch_only)
{
    begin();
    lia_trace parent = lia_trace_begin();
    const lia_traced *first = lia_traces_begin(&traces, &parent, LIA_TRACED_CONSUMER, "apply");
    lia_traces_arrived(&traces, 41);
    CHECK(lia_traces_begin(&traces, &parent, LIA_TRACED_INTERNAL, "react") != NULL);
    CHECK(lia_traces_arrival(&traces, 41) == first);
    CHECK(!lia_traces_arrival(&traces, 42));
    lia_traces_commit(&traces);
    CHECK(!lia_traces_arrival(&traces, 41));
    lia_trace_to(NULL);
}

static lia_span job(int number)
{
    static char name[32];
    return lia_span_make(name, (size_t)snprintf(name, sizeof name, "test.ring%d", number));
}

static void check_job(int number, const lia_trace *want)
{
    lia_trace got = lia_traces_job_take(&traces, job(number));
    CHECK(lia_trace_equal(&got, want));
}

TEST(a_timer_goes_on_with_what_set_it_last_and_once)
{
    begin();
    lia_trace a = lia_trace_begin(), b = lia_trace_begin(), quiet = a;
    quiet.flags = 0;
    lia_traces_job_set(&traces, job(1), &quiet);
    check_job(1, &LIA_TRACE_NONE);
    lia_traces_job_set(&traces, job(1), &a);
    lia_traces_job_set(&traces, job(2), &a);
    lia_traces_job_set(&traces, job(1), &b);
    check_job(1, &b);
    check_job(1, &LIA_TRACE_NONE);
    lia_traces_job_set(&traces, job(2), &quiet); /* moved by something that nobody follows */
    check_job(2, &LIA_TRACE_NONE);
    CHECK_EQ(traces.job_count, 0);
}

TEST(of_too_many_timers_the_oldest_are_forgotten)
{
    begin();
    lia_trace trace = lia_trace_begin();
    for (int i = 0; i < LIA_TRACED_JOBS_MAX + 5; i++) lia_traces_job_set(&traces, job(i), &trace);
    CHECK_EQ(traces.job_count, LIA_TRACED_JOBS_MAX);
    for (int i = 0; i < 5; i++) check_job(i, &LIA_TRACE_NONE);
    for (int i = 5; i < LIA_TRACED_JOBS_MAX + 5; i++) check_job(i, &trace);
    CHECK_EQ(traces.job_count, 0);
    lia_traces_fini(&traces);
    lia_trace_to(NULL);
}
