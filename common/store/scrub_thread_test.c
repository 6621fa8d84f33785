/* SPDX-License-Identifier: Apache-2.0 */
/* Readers on other threads while the writer overwrites and scrubs. Run it under the thread
 * sanitizer too. */
#include <pthread.h>
#include <stdatomic.h>

#include "common/store/log.h"
#include "tests/support/test.h"

enum { EVENTS = 2000, SIZE = 300 };

typedef struct shared {
    lia_log *log;
    atomic_uint_fast64_t erased; /* events up to it are overwritten */
    atomic_bool stop;
} shared;

static lia_span event_of(uint64_t n, bool erased, uint8_t bytes[SIZE])
{
    memset(bytes, erased ? 0 : 1 + (int)(n % 200), SIZE);
    lia_put_u64(bytes, n);
    return lia_span_make(bytes, SIZE);
}

/* Each event is whole or erased, and erased for good. */
static const char *look(lia_log_reader *reader, uint64_t erased)
{
    for (uint64_t n = 1; n < lia_log_next(reader); n += 7) {
        uint8_t bytes[SIZE];
        lia_span event;
        if (lia_log_event(reader, n, &event)) return "an event is missing";
        if (lia_span_equal(event, event_of(n, true, bytes))) continue;
        if (n <= erased) return "an erased event has come back";
        if (!lia_span_equal(event, event_of(n, false, bytes))) return "an event is torn";
    }
    return NULL;
}

static void *keep_looking(void *context)
{
    shared *s = context;
    lia_log_reader *reader;
    const char *wrong = NULL;
    size_t used, cap;
    if (lia_log_reader_open(&reader, s->log)) return (void *)(uintptr_t) "open";
    for (unsigned turn = 0; !wrong && !atomic_load(&s->stop); turn++) {
        uint64_t erased = atomic_load(&s->erased);
        wrong = lia_log_refresh(reader) ? "refresh" : look(reader, erased);
        lia_log_size(reader, &used, &cap);
        if (turn % 3 == 0) lia_log_rest(reader);
        if (turn % 50) continue;
        lia_log_reader_close(reader);
        if (lia_log_reader_open(&reader, s->log)) return (void *)(uintptr_t) "open again";
    }
    lia_log_reader_close(reader);
    return (void *)(uintptr_t)wrong;
}

static void fill(lia_log *log)
{
    static uint8_t bytes[EVENTS][SIZE];
    static lia_span events[EVENTS];
    lia_block block = {.first = 1, .count = EVENTS};
    for (uint64_t n = 1; n <= EVENTS; n++) events[n - 1] = event_of(n, false, bytes[n - 1]);
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(lia_log_lane(log, (lia_origin){1, 2}, &block.lane));
    CHECK_OK(lia_log_append(log, &block, events));
    CHECK_OK(lia_log_commit(log, NULL));
}

static void overwrite(lia_log *log, uint64_t from, uint64_t until)
{
    uint8_t bytes[SIZE];
    CHECK_OK(lia_log_begin(log, NULL));
    for (uint64_t n = from; n <= until; n++)
        CHECK_OK(lia_log_overwrite(log, n, event_of(n, true, bytes)));
    CHECK_OK(lia_log_commit(log, NULL));
}

TEST(readers_see_whole_or_erased_events_while_scrubs_reopen_the_log)
{
    shared s = {0};
    CHECK_OK(lia_log_open(&s.log, lia_test_dir(), (size_t)64 << 20, NULL));
    fill(s.log);
    pthread_t readers[3];
    for (size_t i = 0; i < LIA_COUNT(readers); i++)
        pthread_create(&readers[i], NULL, keep_looking, &s);
    unsigned scrubs = 0;
    for (uint64_t n = 0; n < EVENTS; n += 50) {
        overwrite(s.log, n + 1, n + 50);
        atomic_store(&s.erased, n + 50);
        lia_why why = {0};
        lia_err err = lia_log_scrub(s.log, &why);
        if (err) CHECK_ERR(err, LIA_EBUSY); /* a slow machine */
        scrubs += err == LIA_OK;
    }
    atomic_store(&s.stop, true);
    for (size_t i = 0; i < LIA_COUNT(readers); i++) {
        void *wrong;
        pthread_join(readers[i], &wrong);
        if (wrong) print_error("%s\n", (const char *)wrong);
        CHECK(!wrong);
    }
    CHECK(scrubs > 0);
    lia_log_close(s.log);
}
