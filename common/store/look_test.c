/* SPDX-License-Identifier: Apache-2.0 */
/* A log and views that another process has open, and is writing to, are looked at without a trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/log.h"
#include "common/store/views.h"
#include "tests/support/test.h"

#define MAP ((size_t)64 << 20)

static void append(lia_log *log, uint64_t seq)
{
    lia_lane lane;
    char text[64];
    lia_span event = lia_span_make(text, (size_t)snprintf(text, sizeof text, "event %d", (int)seq));
    lia_block block = {.first = seq, .count = 1};
    lia_put_u64(block.hash.bytes, seq);
    if (seq > 1) lia_put_u64(block.before.bytes, seq - 1);
    CHECK_OK(lia_log_begin(log, NULL));
    CHECK_OK(lia_log_lane(log, (lia_origin){1, 7}, &lane));
    block.lane = lane;
    CHECK_OK(lia_log_append(log, &block, &event));
    CHECK_OK(lia_log_commit(log, NULL));
}

static void paths(const char *dir, char log[600], char views[600])
{
    snprintf(log, 600, "%s/log", dir);
    snprintf(views, 600, "%s/views", dir);
}

/* Writes one event for each byte that comes; says so by one of its own. */
static void own(const char *dir, int ask, int answer)
{
    char log_dir[600], views_dir[600], byte;
    lia_log *log;
    lia_views *views;
    uint64_t cursor, seq = 0;
    const lia_views_options options = {.map_bytes = MAP, .version = 3};
    paths(dir, log_dir, views_dir);
    CHECK_OK(lia_log_open(&log, log_dir, MAP, NULL));
    CHECK_OK(lia_views_open(&views, views_dir, &options, &cursor, NULL));
    while (read(ask, &byte, 1) == 1) {
        append(log, ++seq);
        CHECK_OK(lia_views_put(views, LIA_SPAN("row"), LIA_SPAN("value")));
        CHECK_OK(lia_views_publish(views, seq, NULL));
        CHECK_OK(lia_views_flush(views, NULL));
        CHECK_EQ(write(answer, &byte, 1), 1);
    }
    lia_views_close(views);
    lia_log_close(log);
}

typedef struct owner {
    pid_t pid;
    int ask, answer;
} owner;

static owner start_owner(const char *dir)
{
    int ask[2], answer[2];
    CHECK(pipe(ask) == 0 && pipe(answer) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ask[1]);
        own(dir, ask[0], answer[1]);
        _exit(0);
    }
    close(ask[0]);
    close(answer[1]);
    return (owner){pid, ask[1], answer[0]};
}

static void have_written(const owner *o)
{
    char byte = 'x';
    CHECK_EQ(write(o->ask, &byte, 1), 1);
    CHECK_EQ(read(o->answer, &byte, 1), 1);
}

static void end_owner(const owner *o)
{
    int status;
    close(o->ask);
    close(o->answer);
    CHECK_EQ(waitpid(o->pid, &status, 0), o->pid);
    CHECK_EQ(status, 0);
}

TEST(a_look_sees_what_the_owner_commits_meanwhile)
{
    const char *dir = lia_test_dir();
    char log_dir[600], views_dir[600];
    lia_log *log;
    lia_log_reader *reader;
    lia_views_glance glance;
    lia_span event;
    size_t used, cap;
    paths(dir, log_dir, views_dir);
    owner o = start_owner(dir);
    have_written(&o);
    CHECK_OK(lia_log_look(&log, log_dir, NULL));
    CHECK_OK(lia_log_reader_open(&reader, log));
    CHECK_EQ(lia_log_next(reader), 2);
    for (uint64_t seq = 2; seq < 50; seq++) {
        have_written(&o);
        CHECK_EQ(lia_log_next(reader), seq);
        CHECK_OK(lia_log_refresh(reader));
        CHECK_EQ(lia_log_next(reader), seq + 1);
        CHECK_OK(lia_log_event(reader, seq, &event));
        CHECK_OK(lia_views_look(&glance, views_dir, NULL));
        CHECK_EQ(glance.cursor, seq);
        CHECK_EQ(glance.version, 3);
    }
    lia_log_size(reader, &used, &cap);
    CHECK_EQ(cap, MAP);
    CHECK(used > 0 && used < cap);
    lia_log_reader_close(reader);
    lia_log_close(log);
    have_written(&o); /* the owner has kept its lock and its place */
    end_owner(&o);
}

static uint64_t sum_of(const char *dir, const char *name)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    uint64_t sum = 14695981039346656037u; /* FNV-1a */
    for (int c; (c = getc(file)) != EOF;) sum = (sum ^ (uint64_t)c) * 1099511628211u;
    fclose(file);
    return sum;
}

TEST(a_look_leaves_no_byte_of_a_log_that_nobody_has_open)
{
    const char *dir = lia_test_dir();
    char log_dir[600], views_dir[600];
    lia_log *log;
    lia_views_glance glance;
    paths(dir, log_dir, views_dir);
    owner o = start_owner(dir);
    have_written(&o);
    end_owner(&o);
    uint64_t log_sum = sum_of(log_dir, "log.mdb"), views_sum = sum_of(views_dir, "views.mdb");
    char table[700];
    snprintf(table, sizeof table, "%s/log.mdb-lock", log_dir);
    for (int round = 0; round < 2; round++) {
        CHECK_OK(lia_log_look(&log, log_dir, NULL));
        lia_log_close(log);
        CHECK_OK(lia_views_look(&glance, views_dir, NULL));
        CHECK_EQ(sum_of(log_dir, "log.mdb"), log_sum);
        CHECK_EQ(sum_of(views_dir, "views.mdb"), views_sum);
        CHECK(round == 0 ? unlink(table) == 0 : access(table, F_OK) != 0);
    }
}

TEST(a_look_at_nothing_makes_nothing_and_at_damage_says_so)
{
    const char *dir = lia_test_dir();
    char log_dir[600], views_dir[600], path[700];
    lia_log *log;
    lia_views_glance glance;
    lia_why why = {{0}};
    paths(dir, log_dir, views_dir);
    CHECK_ERR(lia_log_look(&log, log_dir, &why), LIA_EABSENT);
    CHECK(why.text[0] && access(log_dir, F_OK) != 0);
    CHECK_ERR(lia_views_look(&glance, views_dir, &why), LIA_EABSENT);
    owner o = start_owner(dir);
    have_written(&o);
    end_owner(&o);
    snprintf(path, sizeof path, "%s/log.mdb", log_dir);
    struct stat file;
    CHECK_EQ(stat(path, &file), 0);
    for (off_t size = file.st_size - 1; size >= 0; size -= 4001) {
        CHECK_EQ(truncate(path, size), 0);
        why = (lia_why){{0}};
        CHECK_ERR(lia_log_look(&log, log_dir, &why), LIA_ECORRUPT);
        CHECK(why.text[0]);
    }
}
