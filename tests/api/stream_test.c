/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of events while much is written: what a conversation cannot say, because two things
 * happen at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/api/client.h"
#include "tests/api/department.h"
#include "tests/support/test.h"

#define BATCH 2000

static void post(const lia_process *node, const char *path, const char *body)
{
    char *request;
    lia_reply reply;
    int size = asprintf(&request,
                        "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        "Content-Type: application/jsonl\r\nContent-Length: %zu\r\n\r\n%s",
                        path, strlen(body), body);
    CHECK(size > 0 && lia_exchange(node->port, request, (size_t)size, &reply));
    CHECK_EQ(reply.status, 200);
    CHECK(strstr(reply.body, "\"failed\":0") != NULL);
    lia_reply_fini(&reply);
    free(request);
}

/* BATCH customers, each an event of about a kilobyte in JSON. */
static void write_much(const lia_process *node)
{
    char *body;
    size_t size;
    FILE *stream = open_memstream(&body, &size);
    for (int i = 0; i < BATCH; i++)
        fprintf(stream, "{\"name\":\"Customer %d\",\"note\":\"%0512d\"}\n", i, i);
    fclose(stream);
    post(node, "/api/v1/customers:batchCreate", body);
    free(body);
}

static int subscribe(const lia_process *node, const char *query)
{
    char request[512];
    int size = snprintf(request, sizeof request,
                        "GET /api/v1/events?%s HTTP/1.1\r\nHost: localhost\r\n\r\n", query);
    int fd = lia_ask(node->port, request, (size_t)size);
    CHECK(fd >= 0);
    return fd;
}

/* Reads to the end and checks that every event came once and in order. */
static size_t count_in_order(int fd)
{
    lia_reply reply;
    size_t count = 0;
    unsigned long long last = 0, arrival;
    CHECK(lia_listen_to_end(fd, &reply));
    CHECK_EQ(reply.status, 200);
    char *save = NULL;
    for (char *line = strtok_r(reply.body, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (strncmp(line, "id: ", 4) != 0) continue;
        CHECK_EQ(sscanf(line, "id: %*u.%*x.%llu", &arrival), 1);
        CHECK(last == 0 || arrival == last + 1);
        last = arrival;
        count++;
    }
    lia_reply_fini(&reply);
    return count;
}

TEST(a_stream_has_no_gap_where_the_past_meets_the_present)
{
    lia_process node;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    write_much(&node);
    char query[64];
    snprintf(query, sizeof query, "from=start&kind=customers&limit=%d", 3 * BATCH);
    int past = subscribe(&node, query);
    snprintf(query, sizeof query, "kind=customers&limit=%d", 2 * BATCH);
    int live = subscribe(&node, query);
    write_much(&node);
    write_much(&node);
    CHECK_EQ(count_in_order(past), 3 * BATCH);
    CHECK_EQ(count_in_order(live), 2 * BATCH);
    CHECK(lia_process_stop(&node));
}

/* It is not fed while it does not read, and reads all of it later: several times what a stream
 * may lag behind. */
TEST(a_reader_that_sleeps_loses_nothing)
{
    enum { BATCHES = 5 };
    lia_process node;
    char query[64];
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    snprintf(query, sizeof query, "kind=customers&limit=%d", BATCHES * BATCH);
    int live = subscribe(&node, query);
    for (int i = 0; i < BATCHES; i++) write_much(&node);
    CHECK_EQ(count_in_order(live), BATCHES * BATCH);
    CHECK(lia_process_stop(&node));
}

TEST(a_department_ends_in_order_while_streams_are_open)
{
    lia_process node;
    lia_reply reply;
    CHECK(lia_process_start(&node, LIA_BIN_DIR, lia_test_dir(), "sales"));
    int live = subscribe(&node, "from=start");
    write_much(&node);
    CHECK(lia_process_stop(&node));
    CHECK(lia_listen_to_end(live, &reply));
    lia_reply_fini(&reply);
}
