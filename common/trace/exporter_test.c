/* SPDX-License-Identifier: Apache-2.0 */
#include "common/trace/exporter.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/crypto.h"
#include "common/base/time.h"
#include "tests/support/test.h"

/* A collector that takes connections and never answers: nobody calls accept. */
static int listen_only(char url[64])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 8) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    snprintf(url, 64, "http://127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static void *give_many(void *context)
{
    lia_trace parent = lia_trace_begin();
    for (int i = 0; i < *(int *)context; i++) {
        lia_traced traced;
        lia_traced_begin(&traced, &parent, LIA_TRACED_INTERNAL, "one of many");
        lia_traced_end(&traced);
    }
    return NULL;
}

/* Whatever the network does, giving a span costs a copy; what has no room is counted, each once. */
TEST(a_collector_that_never_answers_costs_nobody_but_itself)
{
    enum { THREADS = 4 };
    char url[64];
    int each = 5000, fd = listen_only(url);
    pthread_t threads[THREADS];
    lia_exporter *exporter;
    lia_exporter_stats stats;
    CHECK_OK(lia_crypto_init());
    const lia_exporter_options options = {
        .endpoint = url, .service = "liaison-test", .instance = "test", .ratio = 1, .wait_ms = 1};
    CHECK_OK(lia_exporter_open(&exporter, &options, NULL));
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, give_many, &each), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    lia_exporter_get_stats(exporter, &stats);
    CHECK_EQ(stats.sent, 0);
    CHECK(stats.waiting <= LIA_EXPORTER_QUEUE_MAX);
    uint64_t under_way = (uint64_t)(THREADS * each) - stats.waiting - stats.dropped;
    CHECK(under_way <= LIA_EXPORTER_BATCH_MAX); /* the request that waits for its answer */
    uint64_t began_ns = lia_time_ticks_ns();
    lia_exporter_close(exporter);
    CHECK(lia_time_ticks_ns() - began_ns < UINT64_C(60000000000));
    lia_trace after = lia_trace_begin();
    CHECK(!lia_trace_is_sampled(&after));
    close(fd);
}

TEST(headers_are_lines_of_name_and_value_and_not_ours)
{
    static const struct {
        const char *lines, *why;
    } refused[] = {
        {"Authorization", "line 1 is no header"},
        {"X-Ok: 1\n\nAuthorization: ", "line 3 is no header"},
        {"X-Ok: 1\n: v", "line 2 is no header"},
        {"X Y: v", "line 1 is no header"},
        {"X: a\rY: b", "line 1 is no header"},
        {"X: a\x7f\x01", "line 1 is no header"},
        {"content-type: text/plain", "line 1: that header is not free"},
        {"X: 1\r\nHost: other", "line 2: that header is not free"},
    };
    lia_exporter *exporter;
    CHECK_OK(lia_crypto_init());
    lia_exporter_options options = {
        .endpoint = "http://127.0.0.1:9", .service = "liaison-test", .instance = "test"};
    CHECK_OK(lia_exporter_open(&exporter, &options, NULL));
    CHECK_OK(lia_exporter_set_headers(exporter, "# token\n\nAuthorization: Bearer a b\r\nX-T:\tv",
                                      NULL));
    for (size_t i = 0; i < LIA_COUNT(refused); i++) {
        lia_why why = {{0}};
        CHECK_EQ(lia_exporter_set_headers(exporter, refused[i].lines, &why), LIA_EINVAL);
        CHECK(strstr(why.text, refused[i].why) && !strstr(why.text, "Bearer"));
    }
    lia_exporter_close(exporter);
    options.headers = "no header";
    CHECK_EQ(lia_exporter_open(&exporter, &options, NULL), LIA_EINVAL);
}
