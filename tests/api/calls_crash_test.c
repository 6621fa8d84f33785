/* SPDX-License-Identifier: Apache-2.0 */
/* The node is killed before and after writes of a run that asks an address outside twice, and once
 * more while it goes on. Afterwards each request was made under one key of its own, always with the
 * same body, and the run did with the answers what it does without a crash, once. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/automation/automation_rig.h"
#include "common/hooks/hooks.h"
#include "common/store/test_disk.h"

static const lia_id flow = {{1}}, mei = {{2}}, start = {{3}};

enum { STEPS = 8, TASKS = 2, REQUESTS = 2 };

/* ---- the outside, a process of its own ------------------------------------------------------- */

static struct {
    pid_t pid;
    unsigned port;
    char log[600]; /* a line for each request: key and body */
} outside;

static size_t read_request(int fd, char *text, size_t size)
{
    size_t have = 0;
    for (;;) {
        ssize_t got = read(fd, text + have, size - have - 1);
        if (got <= 0) return 0;
        have += (size_t)got;
        text[have] = 0;
        const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "content-length:");
        if (end && have >= (size_t)(end + 4 - text) + (length ? (size_t)atoi(length + 15) : 0))
            return have;
    }
}

static void serve_one(int fd, int log)
{
    static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: "
                                "close\r\nContent-Length: 11\r\n\r\n{\"score\":7}";
    char text[4096], line[4200];
    if (!read_request(fd, text, sizeof text)) return;
    const char *key = strcasestr(text, "idempotency-key: ");
    int size = snprintf(line, sizeof line, "%.36s %s\n", key ? key + 17 : "none",
                        strstr(text, "\r\n\r\n") + 4);
    if (write(log, line, (size_t)size) != size) _exit(1);
    if (write(fd, reply, sizeof reply - 1) < 0) return; /* it was killed meanwhile */
}

static void serve(int listener)
{
    int log = open(outside.log, O_CREAT | O_WRONLY | O_APPEND, 0600);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) continue;
        serve_one(fd, log);
        close(fd);
    }
}

static void begin_outside(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(listener >= 0 && !bind(listener, (void *)&address, size) && !listen(listener, 16));
    CHECK(!getsockname(listener, (void *)&address, &size));
    outside.port = ntohs(address.sin_port);
    snprintf(outside.log, sizeof outside.log, "%s/asked", lia_test_dir());
    fflush(stdout);
    outside.pid = fork();
    CHECK(outside.pid >= 0);
    if (outside.pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        serve(listener);
    }
    close(listener);
}

static void end_outside(void)
{
    kill(outside.pid, SIGKILL);
    waitpid(outside.pid, NULL, 0);
}

/* ---- lives ----------------------------------------------------------------------------------- */

static void begin_loop(rig *r)
{
    uv_loop_init(&r->loop);
    uv_timer_init(&r->loop, &r->limit);
    uv_timer_init(&r->loop, &r->tick);
    r->limit.data = &r->late;
}

static void write_flow(char *out, size_t size)
{
    snprintf(out, size,
             "{\"name\":\"Ask\",\"enabled\":true,\"department\":\"sales\",\"kind\":\"customer\","
             "\"plan\":{\"steps\":["
             "{\"name\":\"ask\",\"action\":\"http\",\"request\":\"post\",\"url\":"
             "\"http://127.0.0.1:%u/score\",\"text\":\"[\\\"{{note}}\\\"]\",\"takes\":[{\"name\":"
             "\"score\",\"pointer\":\"/score\",\"type\":\"whole\"}]},"
             "{\"name\":\"keep\",\"action\":\"set\",\"values\":[{\"field\":\"note\",\"value\":"
             "\"{{note}}{{http.score}}\"}]},"
             "{\"name\":\"task\",\"action\":\"create\",\"kind\":\"task\",\"values\":[{\"field\":"
             "\"title\",\"value\":\"{{http.score}}\"}]},"
             "{\"name\":\"again\",\"action\":\"loop\",\"back\":\"ask\",\"times\":1,\"condition\":"
             "\"http.score = 7\"}]}}",
             outside.port);
}

static int live(const char *dir, rig *r)
{
    char json[2000], hooks_dir[600];
    lia_hooks *hooks;
    bool closed = false;
    lia_why why = {0};
    r->dir = dir;
    begin_loop(r);
    auto_open(r, 1, 1);
    snprintf(hooks_dir, sizeof hooks_dir, "%s/hooks", dir);
    const lia_hooks_options how = {
        .loop = &r->loop, .node = r->nodes[1], .dir = hooks_dir, .to_private = true};
    CHECK_OK(lia_hooks_open(&hooks, &how, &why));
    write_flow(json, sizeof json);
    auto_create(r, 1, LIA_FLOW, flow, json);
    auto_create(r, 1, LIA_CUSTOMER, mei, "{\"name\":\"Mei\"}");
    auto_verb(r, 1, LIA_RUN, "", flow, mei, start);
    RIG_UNTIL(r, auto_runs(r, 1, RUN(DONE)) + auto_runs(r, 1, RUN(FAILED)) >= 1);
    lia_hooks_close(hooks, rig_noted, &closed);
    RIG_UNTIL(r, closed);
    rig_end(r);
    return 0;
}

static bool die_at(rig *r, disk_fault how, uint64_t n)
{
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (n) disk_arm(how, n, false);
        _exit(live(r->dir, r));
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) CHECK_EQ(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void check_done_once(rig *r)
{
    lia_id ids[16];
    begin_loop(r);
    auto_open(r, 1, 1);
    CHECK_EQ(auto_list(r, 1, LIA_RUN, ids, 16), 1);
    const Automation__Run *run = auto_read(r, 1, LIA_RUN, ids[0]);
    if (run->state == RUN(FAILED)) print_error("%s\n", run->reason);
    CHECK_EQ(run->state, RUN(DONE));
    CHECK_EQ(run->count, STEPS);
    CHECK_EQ(run->n_steps, STEPS);
    CHECK_EQ(auto_count(r, 1, LIA_TASK), TASKS);
    CHECK_TEXT(((Crm__Customer *)auto_read(r, 1, LIA_CUSTOMER, mei))->note, "77");
    CHECK_EQ(auto_list(r, 1, LIA_HTTP_CALL, ids, 16), REQUESTS);
    for (size_t i = 0; i < REQUESTS; i++) {
        const Automation__HttpCall *call = auto_read(r, 1, LIA_HTTP_CALL, ids[i]);
        CHECK(call->answered && !call->url && !call->body && !call->node);
    }
    rig_end(r);
}

/* Each key with the body it had first; how often one came again. */
static size_t check_requests(void)
{
    char line[4200], first[REQUESTS][4200];
    size_t keys = 0, repeated = 0;
    FILE *log = fopen(outside.log, "r");
    CHECK(log != NULL);
    while (fgets(line, sizeof line, log)) {
        size_t at = 0;
        while (at < keys && strncmp(line, first[at], 36) != 0) at++;
        CHECK(at < REQUESTS);
        if (at == keys)
            snprintf(first[keys++], sizeof first[0], "%s", line);
        else
            repeated++;
        CHECK_TEXT(line, first[at]);
    }
    fclose(log);
    CHECK_EQ(keys, REQUESTS);
    CHECK(strstr(first[0], " [\"\"]\n") && strstr(first[1], " [\"7\"]\n"));
    return repeated;
}

/* Which points are tried: every one would take a minute. */
static void die_everywhere(disk_fault how, uint64_t stride)
{
    static rig r;
    bool came = true;
    size_t deaths = 0, repeated = 0;
    begin_outside();
    for (uint64_t n = 1 + (uint64_t)how % stride; came; n += stride) {
        r = (rig){0};
        auto_make(&r, 1);
        rig_end(&r);
        if (truncate(outside.log, 0) && errno != ENOENT) fail();
        came = die_at(&r, how, n);
        deaths += came;
        if (came) (void)die_at(&r, how, 1 + n % 13);
        CHECK(!die_at(&r, how, 0));
        check_done_once(&r);
        repeated += check_requests();
    }
    end_outside();
    CHECK(deaths >= 5);
    CHECK(repeated > 0); /* or none came between an answer and its record */
}

TEST(a_run_that_is_killed_before_any_write_asks_under_one_key_and_goes_on_once)
{
    die_everywhere(DISK_KILL_BEFORE, 7);
}

TEST(a_run_that_is_killed_after_any_write_asks_under_one_key_and_goes_on_once)
{
    die_everywhere(DISK_KILL_AFTER, 7);
}
