/* SPDX-License-Identifier: Apache-2.0 */
/* GET /events with any cursor, at nodes whose oldest events have left the log: each is answered
 * with what is wrong with it, and what the answer says to do works. */
#include <pthread.h>
#include <sys/socket.h>

#include "common/crm/crm_rig.h"
#include "common/store/log_retain.h"
#include "tests/api/door.h"

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
};

/* GET /api/v1/events with that query and Last-Event-ID ("": none). */
static void ask_begin(rig *r, const door *d, const char *query, const char *last, asking *a)
{
    char request[600];
    snprintf(request, sizeof request,
             "GET /api/v1/events?%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s%s\r\n",
             query, *last ? "Last-Event-ID: " : "", last, *last ? "\r\n" : "");
    door_ask_begin(r, d, request, a);
}

static lia_reply ask(rig *r, const door *d, const char *query, const char *last)
{
    asking a;
    ask_begin(r, d, query, last, &a);
    return door_ask_end(r, &a);
}

/* What `"name":"..."` says in a document. */
static void member_of(const char *json, const char *name, char *text, size_t size)
{
    char begin[40];
    snprintf(begin, sizeof begin, "\"%s\":\"", name);
    const char *at = strstr(json, begin);
    CHECK(at != NULL);
    at += strlen(begin);
    snprintf(text, size, "%.*s", (int)strcspn(at, "\""), at);
}

static size_t count_of(const char *text, const char *word)
{
    size_t count = 0;
    for (; (text = strstr(text, word)); text++) count++;
    return count;
}

/* ---- a log that begins late -------------------------------------------------------------------
 */

static uint64_t head_of(rig *r, size_t at, lia_origin origin)
{
    static lia_sync_lane_status lanes[16];
    size_t count = lia_node_lanes(r->nodes[at], lanes, 16);
    for (size_t i = 0; i < count; i++)
        if (lia_origin_equal(lanes[i].origin, origin)) return lanes[i].head;
    return 0;
}

static bool has_dropped(rig *r, size_t at, size_t of)
{
    lia_origin origin = lia_node_origin(r->nodes[of]);
    return lia_node_first(r->nodes[at], origin) + 3 > head_of(r, at, origin);
}

static lia_id log_call(rig *r, size_t number, lia_id who)
{
    Crm__Interaction call = CRM__INTERACTION__INIT;
    LIA_SET_ID(&call, customer, &who);
    LIA_SET(&call, type, CRM__INTERACTION_TYPE__INTERACTION_TYPE_CALL);
    return rig_create(r, number, LIA_INTERACTION, &call);
}

static uint64_t gap_of(rig *r, size_t number)
{
    lia_rows rows;
    uint64_t gap;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_log_gap(rows.log, &gap));
    lia_node_read_end(r->nodes[number], &rows);
    return gap;
}

static void make(rig *r, size_t count)
{
    *r = (rig){.log_keep_ms = 1, .check_ms = 20};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) crm_start(r, n, &departments[n], false);
}

/* Number 1's lane: a customer, a call that is kept, and more customers. */
static void write_and_drop(rig *r, size_t count)
{
    lia_id mei = rig_customer(r, 1, "Mei");
    log_call(r, 1, mei);
    for (int i = 0; i < 8; i++) rig_customer(r, 1, "another");
    for (size_t at = 1; at <= count; at++)
        RIG_UNTIL(r, head_of(r, at, lia_node_origin(r->nodes[1])) == 10 && has_dropped(r, at, 1));
}

static lia_reply list_past(rig *r, const door *d, lia_time when, const char *path)
{
    char request[256], text[LIA_TIME_TEXT_SIZE];
    lia_time_print(when, text);
    snprintf(request, sizeof request, "/api/v1/customers%sas_of=%s", path, text);
    return door_ask(r, d, "GET", request);
}

static void check_past(rig *r, const door *d, lia_time when, const char *path, unsigned status,
                       const char *says)
{
    lia_reply reply = list_past(r, d, when, path);
    if (reply.status != status || !strstr(reply.body, says))
        print_error("%s: %u %s\n", path, reply.status, reply.body);
    CHECK_EQ(reply.status, status);
    CHECK(strstr(reply.body, says) != NULL);
    lia_reply_fini(&reply);
}

/* Of what has left the log a list of the past says that it is unknown, and where it would have to know
 * it to answer, that it does not. */
TEST(a_list_of_the_past_says_where_the_log_does_not_reach_back)
{
    rig r;
    door d;
    make(&r, 1);
    lia_id mei = rig_customer(&r, 1, "Mei");
    lia_time then = lia_time_now();
    RIG_UNTIL(&r, lia_time_now().ms > then.ms + 1);
    Crm__Customer changed = CRM__CUSTOMER__INIT;
    changed.name = "Mei Tan";
    uint32_t mask[] = {lia_field_by_name(lia_kind_find(LIA_CUSTOMER)->message, LIA_SPAN("name"))->number};
    crm_change(&r, 1, LIA_CUSTOMER, mei, &changed, mask, 1);
    for (int i = 0; i < 8; i++) rig_customer(&r, 1, "another");
    RIG_UNTIL(&r, has_dropped(&r, 1, 1));
    lia_time now = lia_time_now();
    RIG_UNTIL(&r, lia_time_now().ms > now.ms);
    door_open(&r, 1, &d);
    check_past(&r, &d, then, "?", 200, "\"unknown\":[\"name\"]");
    lia_reply reply = list_past(&r, &d, then, "?");
    CHECK_EQ(count_of(reply.body, "\"version\""), 1); /* and nobody who came later */
    CHECK(!strstr(reply.body, "Mei"));
    lia_reply_fini(&reply);
    check_past(&r, &d, then, "?filter=name%3DMei&", 410, "does not reach back");
    check_past(&r, &d, then, "?order_by=name&", 410, "does not reach back");
    check_past(&r, &d, then, ":aggregate?group_by=name&", 410, "does not reach back");
    check_past(&r, &d, now, "?filter=name:Mei&", 200, "Mei Tan");
    check_past(&r, &d, now, ":aggregate?", 200, "\"count\":9");
    door_close(&r, &d);
    rig_end(&r);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

TEST(every_cursor_is_answered_with_what_is_wrong_with_it)
{
    rig r;
    door d;
    make(&r, 2);
    write_and_drop(&r, 2);
    rig_stop(&r, 2); /* its lane has a place here, and is empty */
    door_open(&r, 1, &d);
    unsigned long long own = lia_node_origin(r.nodes[1]).incarnation, other = own ^ 1;
    unsigned long long gap = gap_of(&r, 1), visible = lia_node_visible(r.nodes[1]);
    CHECK(gap > 2 && gap < visible);
    static const struct {
        const char *format; /* of node 1: %llx an incarnation, %llu a number */
        char which;         /* own or other incarnation */
        unsigned long long number;
        unsigned status;
        const char *type;
    } table[] = {
        {"1/%016llx/%llu", 'o', 0, 410, "dropped"}, /* before all */
        {"1/%016llx/%llu", 'o', 1, 410, "dropped"}, /* gone */
        {"1/%016llx/%llu", 'o', 2, 410, "dropped"}, /* kept, and what is behind it is gone */
        {"1/%016llx/%llu", 'o', 11, 409, "ahead"},
        {"1/%016llx/%llu", 'o', UINT64_MAX, 409, "ahead"},
        {"1/%016llx/%llu", 'x', 3, 404, "unknown-incarnation"},
        {"2/%016llx/%llu", 'x', 3, 404, "unknown-incarnation"},
        {"9/%016llx/%llu", 'o', 3, 404, "unknown-node"},
        {"1.%016llx.%llu", 'o', 0, 410, "dropped"},
        {"1.%016llx.%llu", 'o', 1, 410, "dropped"},
        {"1.%016llx.%llu", 'o', 10000, 409, "ahead"},
        {"1.%016llx.%llu", 'o', UINT64_MAX, 409, "ahead"},
        {"1.%016llx.%llu", 'x', 1, 409, "other-stream"},
        {"2.%016llx.%llu", 'o', 1, 409, "other-stream"},
        {"9.%016llx.%llu", 'o', 1, 404, "unknown-node"},
        {"65536.%016llx.%llu", 'o', 1, 400, "invalid"},
        {"1.%016llx.%llu9999999999999999999999", 'o', 1, 400, "invalid"},
        {"1.%016llx/%llu", 'o', 1, 400, "invalid"},
        {"1/%016llx/%llu/", 'o', 1, 400, "invalid"},
        {"-1/%016llx/%llu", 'o', 1, 400, "invalid"},
        {"1/%015llx/%llu", 'o', 1, 400, "invalid"},
        {"yesterday", 'o', 0, 400, "invalid"},
        {"%%00", 'o', 0, 400, "invalid"},
        {"starts", 'o', 0, 400, "invalid"},
    };
    char cursor[120], query[200], type[80], want[96], first[80], want_first[80];
    snprintf(want_first, sizeof want_first, "1.%016llx.%llu", own, gap);
    for (size_t i = 0; i < 2 * LIA_COUNT(table); i++) {
        bool header = i >= LIA_COUNT(table);
        size_t row = i % LIA_COUNT(table);
        unsigned long long incarnation = table[row].which == 'o' ? own : other;
        if (row == 20) incarnation = 0xabc; /* fifteen digits */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(cursor, sizeof cursor, table[row].format, incarnation, table[row].number);
#pragma GCC diagnostic pop
        snprintf(query, sizeof query, "until=now%s%s",
                 header ? "" : "&from=", header ? "" : cursor);
        lia_reply reply = ask(&r, &d, query, header ? cursor : "");
        if (reply.status != table[row].status) print_error("%s: %s\n", cursor, reply.body);
        CHECK_EQ(reply.status, table[row].status);
        member_of(reply.body, "type", type, sizeof type);
        snprintf(want, sizeof want, "/problems/%s", table[row].type);
        CHECK_TEXT(type, want);
        if (table[row].status != 400) {
            member_of(reply.body, "first", first, sizeof first);
            CHECK_TEXT(first, want_first);
            snprintf(want, sizeof want, "?from=%s\"", first);
            CHECK(strstr(reply.body, want) != NULL);
        }
        lia_reply_fini(&reply);
    }
    door_close(&r, &d);
    rig_end(&r);
}

/* Goes on where an answer said, and finds the last event. When more has been dropped meanwhile, the
 * newer answer says from where. */
static void follow(rig *r, const door *d, char first[80], bool header)
{
    char query[120];
    lia_reply reply;
    for (;;) {
        snprintf(query, sizeof query, "from=%s&until=now", first);
        reply = header ? ask(r, d, "until=now", first) : ask(r, d, query, "");
        if (reply.status != 410) break;
        member_of(reply.body, "first", first, 80);
        lia_reply_fini(&reply);
    }
    CHECK_EQ(reply.status, 200);
    CHECK(strstr(reply.body, "\"name\":\"behind\"") != NULL);
    lia_reply_fini(&reply);
}

TEST(what_the_answer_says_to_do_leads_on_without_a_gap)
{
    rig r;
    door d;
    char first[80];
    make(&r, 1);
    write_and_drop(&r, 1);
    door_open(&r, 1, &d);
    lia_reply reply = ask(&r, &d, "from=1/0000000000000000/1", "");
    CHECK_EQ(reply.status, 404);
    member_of(reply.body, "first", first, sizeof first);
    lia_reply_fini(&reply);
    rig_customer(&r, 1, "behind");
    follow(&r, &d, first, false);
    follow(&r, &d, first, true);
    door_close(&r, &d);
    rig_end(&r);
}

TEST(a_stream_from_the_start_says_first_what_is_missing)
{
    rig r;
    door d;
    char first[80];
    make(&r, 1);
    write_and_drop(&r, 1);
    door_open(&r, 1, &d);
    lia_reply reply = ask(&r, &d, "from=start&until=now", "");
    CHECK_EQ(reply.status, 200);
    CHECK_EQ(count_of(reply.body, "event: stream.gap\n"), 1);
    CHECK(strstr(reply.body, "event: ") == strstr(reply.body, "event: stream.gap\n"));
    member_of(reply.body, "first", first, sizeof first);
    const char *dot = strrchr(first, '.');
    CHECK_EQ(strtoull(dot + 1, NULL, 10), gap_of(&r, 1));
    CHECK_EQ(count_of(reply.body, "event: record.created\n"),
             lia_node_visible(r.nodes[1]) - gap_of(&r, 1));
    lia_reply_fini(&reply);
    door_close(&r, &d);
    rig_end(&r);
}

static unsigned streams_of(const door *d)
{
    lia_http_stats stats;
    lia_http_get_stats(d->server, &stats);
    return stats.streams;
}

/* What leaves the log was given to it before: the other node's word for it came later. */
TEST(a_live_stream_is_told_of_no_gap_that_is_behind_it)
{
    rig r;
    door d;
    asking a;
    make(&r, 2);
    door_open(&r, 1, &d);
    ask_begin(&r, &d, "limit=30", "", &a);
    RIG_UNTIL(&r, streams_of(&d) == 1);
    for (int i = 0; i < 30; i++) {
        rig_customer(&r, 1, "somebody");
        if (i % 10 == 8) RIG_UNTIL(&r, has_dropped(&r, 1, 1));
    }
    lia_reply reply = door_ask_end(&r, &a);
    CHECK(gap_of(&r, 1) > 20);
    CHECK_EQ(count_of(reply.body, "event: record.created\n"), 30);
    CHECK_EQ(count_of(reply.body, "stream.gap"), 0);
    lia_reply_fini(&reply);
    door_close(&r, &d);
    rig_end(&r);
}

/* Reads from a socket until a text has come. */
typedef struct reading {
    int fd;
    const char *until;
    char *text;
    size_t size;
    bool done;
    pthread_t thread;
    uv_async_t wake;
} reading;

static void *read_it(void *context)
{
    reading *a = context;
    size_t capacity = (size_t)32 << 20;
    ssize_t got;
    a->text = calloc(1, capacity);
    do {
        got = recv(a->fd, a->text + a->size, capacity - a->size - 1, 0);
        if (got > 0) a->size += (size_t)got;
    } while (got > 0 && !strstr(a->text + (a->size > 4096 ? a->size - 4096 : 0), a->until));
    __atomic_store_n(&a->done, true, __ATOMIC_RELEASE);
    uv_async_send(&a->wake);
    return NULL;
}

static void counted(lia_command *command, void *context)
{
    CHECK_OK(command->err);
    ++*(size_t *)context;
}

/* All at once, so that they are one block. */
static void write_large(rig *r)
{
    enum { COUNT = 120 };
    static char note[16001];
    static uint8_t bytes[20000];
    static lia_command commands[COUNT];
    size_t done = 0;
    memset(note, 'x', sizeof note - 1);
    Crm__Customer large = CRM__CUSTOMER__INIT;
    large.name = "large";
    large.note = note;
    lia_span request = rig_pack(&large, bytes, sizeof bytes);
    for (size_t i = 0; i < COUNT; i++)
        commands[i] = (lia_command){.type = LIA_COMMAND_CREATE,
                                    .kind = lia_kind_find(LIA_CUSTOMER),
                                    .request = request,
                                    .done = counted,
                                    .context = &done,
                                    .next = i + 1 < COUNT ? &commands[i + 1] : NULL};
    CHECK_OK(lia_node_submit_all(r->nodes[1], commands, COUNT));
    RIG_UNTIL(r, done == COUNT);
}

/* It reads nothing until what it has not been given is gone: then it is told so and goes on behind
 * it. */
TEST(a_running_stream_that_comes_upon_a_gap_says_so_and_goes_on)
{
    static const char request[] = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    rig r;
    door d;
    int small = 4096;
    reading a = {.until = "\"name\":\"behind\""};
    make(&r, 1);
    door_open(&r, 1, &d);
    a.fd = lia_ask(lia_http_port(d.server), request, sizeof request - 1);
    CHECK(a.fd >= 0);
    setsockopt(a.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    RIG_UNTIL(&r, streams_of(&d) == 1);
    write_large(&r); /* 1.9 MB: above what kernel and queue hold */
    RIG_UNTIL(&r, has_dropped(&r, 1, 1));
    unsigned long long gap = gap_of(&r, 1);
    uv_async_init(&r.loop, &a.wake, NULL);
    CHECK(pthread_create(&a.thread, NULL, read_it, &a) == 0);
    rig_customer(&r, 1, "behind");
    RIG_UNTIL(&r, __atomic_load_n(&a.done, __ATOMIC_ACQUIRE));
    pthread_join(a.thread, NULL);
    close(a.fd);
    uv_close((uv_handle_t *)&a.wake, NULL);

    unsigned long long last = 0, arrival, gaps = 0;
    bool jumped = false; /* only the message of a gap may */
    char *save = NULL;
    CHECK(strstr(a.text, a.until) != NULL);
    for (char *line = strtok_r(a.text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (!strncmp(line, "event: ", 7)) {
            bool is_gap = !strcmp(line, "event: stream.gap");
            CHECK(is_gap || !jumped);
            gaps += is_gap;
        }
        if (sscanf(line, "id: %*u.%*x.%llu", &arrival) != 1) continue;
        jumped = arrival != last + 1;
        last = arrival;
    }
    CHECK(gaps && last >= gap);
    CHECK_EQ(last, lia_node_visible(r.nodes[1]));
    free(a.text);
    door_close(&r, &d);
    rig_end(&r);
}

TEST(a_log_that_is_whole_has_no_gap)
{
    rig r;
    door d;
    r = (rig){.check_ms = 20};
    rig_make(&r, 1);
    crm_start(&r, 1, &departments[1], false);
    for (int i = 0; i < 5; i++) rig_customer(&r, 1, "somebody");
    door_open(&r, 1, &d);
    lia_reply reply = ask(&r, &d, "from=start&until=now", "");
    CHECK_EQ(count_of(reply.body, "stream.gap"), 0);
    CHECK_EQ(count_of(reply.body, "event: record.created\n"), 5);
    lia_reply_fini(&reply);
    door_close(&r, &d);
    rig_end(&r);
}

/* It gets what was before it as state, without arrival numbers: a cursor of before that is refused,
 * and one of after it is not. */
TEST(a_node_that_fetched_the_state_says_that_the_events_are_not_there)
{
    rig r;
    door d;
    char cursor[80], query[120];
    make(&r, 1);
    write_and_drop(&r, 1);
    rig_stop(&r, 1);
    rig_members(&r, 2);
    crm_start(&r, 2, &departments[2], false);
    door_open(&r, 2, &d);
    snprintf(cursor, sizeof cursor, "2.%016llx.%llu",
             (unsigned long long)lia_node_origin(r.nodes[2]).incarnation,
             (unsigned long long)lia_node_visible(r.nodes[2]));
    snprintf(query, sizeof query, "from=%s&until=now", cursor);
    lia_reply reply = ask(&r, &d, query, "");
    CHECK_EQ(reply.status, 200);
    lia_reply_fini(&reply);

    crm_start(&r, 1, &departments[1], false);
    lia_sync_import_status status;
    RIG_UNTIL(&r, !lia_node_import(r.nodes[2], &status) && rig_same_digests(&r, 1, 2));
    CHECK(gap_of(&r, 2) > 0);
    reply = ask(&r, &d, query, "");
    CHECK_EQ(reply.status, 410);
    member_of(reply.body, "first", cursor, sizeof cursor);
    lia_reply_fini(&reply);
    reply = ask(&r, &d, "from=start&until=now", "");
    CHECK_EQ(count_of(reply.body, "event: stream.gap\n"), 1);
    lia_reply_fini(&reply);
    rig_customer(&r, 2, "behind");
    follow(&r, &d, cursor, true);
    door_close(&r, &d);
    rig_end(&r);
}
