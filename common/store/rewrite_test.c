/* SPDX-License-Identifier: Apache-2.0 */
/* What was deleted from the views is in no file after a rewrite, and everything else is as it was.
 */
#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "common/base/log.h"
#include "common/store/test_canary.h"
#include "common/store/test_disk.h"
#include "common/store/test_fold.h"

static const lia_views_options medium = {
    .map_bytes = (size_t)256 << 20, .table_bytes = 1 << 20, .version = 1};

enum { ROWS = 100000, VALUE_MAX = 6000 };

/* ---- views with marked rows ----------------------------------------------------------------- */

static bool is_marked(uint32_t n)
{
    return n % 100 == 7;
}

static lia_span key_of(uint32_t n, uint8_t key[6])
{
    memcpy(key, "c/", 2);
    lia_put_u32(key + 2, n * 2654435761u); /* in no order */
    return lia_span_make(key, 6);
}

static lia_span value_of(uint32_t n, uint32_t round, uint8_t bytes[VALUE_MAX])
{
    size_t size = 16 + (n * 37 + round) % 300;
    if (n % 300 == 7 || n % 300 == 9) size = 2100 + n % 3800;
    memset(bytes, (int)((n + round) & 0xff), size);
    if (is_marked(n)) canary_fill(bytes, size);
    return lia_span_make(bytes, size);
}

static lia_views *open_views(const char *dir, uint64_t *cursor)
{
    lia_views *views;
    lia_why why = {0};
    lia_err err = lia_views_open(&views, dir, &medium, cursor, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
    return views;
}

static void publish(lia_views *views, uint64_t cursor)
{
    CHECK_OK(lia_views_publish(views, cursor, NULL));
}

static void put_row(lia_views *views, uint32_t n, uint32_t round)
{
    uint8_t key[6], bytes[VALUE_MAX];
    CHECK_OK(lia_views_put(views, key_of(n, key), value_of(n, round, bytes)));
}

/* Rows 0 .. count - 1, marked ones deleted again when `erased`, in states of a hundred rows. */
static uint64_t fill(lia_views *views, uint32_t count, bool erased)
{
    uint64_t cursor = 1;
    for (uint32_t n = 0; n < count; n++) {
        put_row(views, n, 0);
        if (n % 100 == 99) publish(views, ++cursor);
    }
    for (uint32_t n = 7; erased && n < count; n += 100) {
        uint8_t key[6];
        CHECK_OK(lia_views_del(views, key_of(n, key)));
    }
    publish(views, ++cursor);
    return cursor;
}

static void check_rows(lia_snapshot *snapshot, uint32_t count, bool erased)
{
    for (uint32_t n = 0; n < count; n++) {
        uint8_t key[6], bytes[VALUE_MAX];
        lia_span value;
        bool gone = erased && is_marked(n);
        lia_err err = lia_snapshot_get(snapshot, key_of(n, key), &value);
        CHECK_ERR(err, gone ? LIA_EABSENT : LIA_OK);
        if (!gone) CHECK_BYTES(value, value_of(n, 0, bytes));
    }
}

static void check_views(lia_views *views, uint32_t count)
{
    lia_snapshot *snapshot;
    CHECK_OK(lia_snapshot_open(&snapshot, views));
    check_rows(snapshot, count, true);
    lia_snapshot_close(snapshot);
}

/* Work on rows old and new, left as they were. Returns the cursor. */
static uint64_t go_on(lia_views *views, uint64_t cursor, int turns)
{
    lia_dice dice = {3};
    for (int turn = 0; turn < turns; turn++) {
        uint32_t n = 10 * (uint32_t)lia_dice_below(&dice, ROWS / 10);
        put_row(views, n, 1);
        put_row(views, ROWS + 10 * (uint32_t)turn, 0);
        publish(views, ++cursor);
        put_row(views, n, 0);
        publish(views, ++cursor);
        if (turn % 10 == 9) CHECK_OK(lia_views_flush(views, NULL));
    }
    return cursor;
}

static void rewrite(lia_views *views, lia_views_keep keep, void *context)
{
    lia_why why = {0};
    CHECK_OK(lia_views_rewrite(views, keep, context, &why));
    lia_err err = lia_views_rewrite_wait(views, &why);
    if (err) print_error("%s\n", why.text);
    CHECK_OK(err);
}

/* ---- erasing -------------------------------------------------------------------------------- */

TEST(a_deleted_row_is_in_no_file_after_a_rewrite_nor_3000_commits_later)
{
    const char *dir = lia_test_dir();
    uint64_t cursor, reopened;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, ROWS, true);
    CHECK_OK(lia_views_flush(views, NULL));
    CHECK(canary_count(dir, CANARY) > 1000);
    rewrite(views, NULL, NULL);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_views(views, ROWS);
    for (int i = 0; i < 3; i++) {
        cursor = go_on(views, cursor, 1000);
        CHECK_EQ(canary_count(dir, CANARY), 0);
        rewrite(views, NULL, NULL);
    }
    check_views(views, ROWS);
    lia_views_close(views);
    views = open_views(dir, &reopened);
    CHECK_EQ(reopened, cursor);
    check_views(views, ROWS);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_views_close(views);
}

TEST(the_commits_after_a_rewrite_bring_nothing_back)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, ROWS, true);
    rewrite(views, NULL, NULL);
    for (uint32_t commit = 0; commit < 3000; commit++) {
        put_row(views, 10 * (commit * 7 % (ROWS / 10)), 0);
        put_row(views, ROWS + 10 * commit, 0);
        publish(views, ++cursor);
        CHECK_OK(lia_views_flush(views, NULL));
    }
    CHECK_EQ(canary_count(dir, CANARY), 0);
    check_views(views, ROWS);
    lia_views_close(views);
}

/* Declines marked rows and shortens those of one kind. */
static bool decline(void *context, lia_span key, lia_span *value)
{
    unsigned *asked = context;
    CHECK_EQ(key.size, 6);
    ++*asked;
    if (canary_count_bytes(value->data, value->size, CANARY)) return false;
    static const uint8_t short_value[] = {'s'};
    if (key.data[5] == 3) *value = LIA_SPAN_OF(short_value);
    return true;
}

TEST(a_rewrite_asks_for_every_row_and_may_change_it)
{
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    fill(views, 5000, false);
    unsigned asked = 0;
    rewrite(views, decline, &asked);
    CHECK_EQ(asked, 5000);
    lia_rewrite_status status;
    lia_views_rewrite_status(views, &status);
    CHECK(!status.running && !status.err && status.ended == 1);
    CHECK_EQ(status.rows, 5000);
    CHECK_EQ(status.kept, 4950);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    for (uint32_t n = 0; n < 5000; n++) {
        uint8_t key[6], bytes[VALUE_MAX];
        lia_span value;
        lia_err err = lia_views_get(views, key_of(n, key), &value);
        CHECK_ERR(err, is_marked(n) ? LIA_EABSENT : LIA_OK);
        if (!err) CHECK_BYTES(value, key[5] == 3 ? LIA_SPAN("s") : value_of(n, 0, bytes));
    }
    lia_views_close(views);
}

/* ---- beside it ------------------------------------------------------------------------------ */

typedef struct pause {
    sem_t begun, go;
    bool once;
} pause_point;

static bool wait_once(void *context, lia_span key, lia_span *value)
{
    pause_point *p = context;
    (void)key, (void)value;
    if (p->once) return true;
    p->once = true;
    sem_post(&p->begun);
    sem_wait(&p->go);
    return true;
}

TEST(writing_and_reading_go_on_during_a_rewrite_and_nothing_is_missing)
{
    const char *dir = lia_test_dir();
    uint64_t cursor, reopened;
    pause_point p = {0};
    sem_init(&p.begun, 0, 0);
    sem_init(&p.go, 0, 0);
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, 5000, false);
    lia_snapshot *before, *during;
    CHECK_OK(lia_snapshot_open(&before, views));
    for (uint32_t n = 7; n < 5000; n += 100) {
        uint8_t key[6];
        CHECK_OK(lia_views_del(views, key_of(n, key)));
    }
    publish(views, ++cursor);
    CHECK_OK(lia_views_rewrite(views, wait_once, &p, NULL));
    sem_wait(&p.begun);
    lia_why why = {0};
    CHECK_ERR(lia_views_rewrite(views, NULL, NULL, &why), LIA_EBUSY);
    for (uint32_t n = 5000; n < 9000; n++)
        if (!is_marked(n)) put_row(views, n, 0); /* more than a table */
    publish(views, ++cursor);
    CHECK_OK(lia_snapshot_open(&during, views));
    check_rows(during, 9000, true);
    sem_post(&p.go);
    CHECK_OK(lia_views_rewrite_wait(views, &why));
    check_rows(before, 5000, false);
    check_rows(during, 9000, true);
    check_views(views, 9000);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_snapshot_close(before);
    lia_snapshot_close(during);
    check_views(views, 9000);
    lia_views_close(views);
    views = open_views(dir, &reopened);
    CHECK_EQ(reopened, cursor);
    check_views(views, 9000);
    lia_views_close(views);
}

TEST(closing_ends_a_rewrite_and_the_old_file_counts)
{
    const char *dir = lia_test_dir();
    uint64_t cursor, reopened;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, ROWS / 10, true);
    CHECK_OK(lia_views_rewrite(views, NULL, NULL, NULL));
    put_row(views, ROWS, 0);
    publish(views, ++cursor);
    lia_views_close(views);
    views = open_views(dir, &reopened);
    CHECK_EQ(reopened, cursor);
    check_views(views, ROWS / 10);
    char path[600];
    snprintf(path, sizeof path, "%s/views.mdb.next", dir);
    CHECK(access(path, F_OK) != 0);
    rewrite(views, NULL, NULL);
    CHECK_EQ(canary_count(dir, CANARY), 0);
    lia_views_close(views);
}

TEST(a_disk_that_fails_during_a_rewrite_changes_nothing)
{
    static const disk_fault faults[] = {DISK_EIO, DISK_ENOSPC, DISK_SHORT};
    const char *dir = lia_test_dir();
    uint64_t cursor;
    lia_views *views = open_views(dir, &cursor);
    cursor = fill(views, 3000, true);
    CHECK_OK(lia_views_flush(views, NULL));
    for (size_t i = 0; i < LIA_COUNT(faults); i++) {
        bool fired = true;
        for (uint64_t n = 1; fired; n += 1 + n / 20) {
            lia_why why = {0};
            disk_arm(faults[i], n, false);
            lia_err err = lia_views_rewrite(views, NULL, NULL, &why);
            if (!err) err = lia_views_rewrite_wait(views, &why);
            fired = disk_fired();
            disk_arm(DISK_EIO, 0, false);
            CHECK_EQ(err != LIA_OK, fired);
            CHECK_EQ(why.text[0] != 0, fired);
            check_views(views, 3000);
            publish(views, ++cursor);
            CHECK_OK(lia_views_flush(views, &why));
        }
        CHECK_EQ(canary_count(dir, CANARY), 0);
    }
    lia_views_close(views);
}

/* ---- crashes -------------------------------------------------------------------------------- */

/* What a node has promised so far, shared with the process that will be killed. */
typedef struct promises {
    _Atomic uint64_t acked, begun, flushed;
} promises;

/* Rows beside the fold's, which no crash test looks at. */
static lia_err set_marked(fold_node *node, bool there)
{
    uint8_t bytes[VALUE_MAX];
    canary_fill(bytes, sizeof bytes);
    lia_err err = LIA_OK;
    for (uint32_t n = 0; !err && n < 30; n++) {
        uint8_t key[6] = "zz";
        lia_put_u32(key + 2, n);
        lia_span value = lia_span_make(bytes, 100 + n * 190);
        err = there ? lia_views_put(node->views, LIA_SPAN_OF(key), value)
                    : lia_views_del(node->views, LIA_SPAN_OF(key));
    }
    return err ? err : lia_views_publish(node->views, node->held, NULL);
}

static lia_err erase(fold_node *node)
{
    lia_err err = set_marked(node, false);
    if (!err) err = lia_views_rewrite(node->views, NULL, NULL, NULL);
    return err;
}

/* Turns, and every third one puts marked rows, or deletes them and rewrites, beside a turn. */
static int work(fold_node *node, promises *p, const char *dir, int turns)
{
    for (int turn = 0; turn < turns; turn++) {
        uint64_t acked = 0;
        p->begun = node->held + 25;
        if (turn % 3 == 1 && set_marked(node, true)) return 3;
        if (turn % 3 == 2 && erase(node)) return 4;
        if (fold_turn(node, 25, &acked, NULL)) return 5;
        p->acked = acked;
        disk_ack("log", acked);
        if (turn % 3 == 1 && lia_views_flush(node->views, NULL)) return 6;
        if (turn % 3 == 2 && lia_views_rewrite_wait(node->views, NULL)) return 7;
        if (turn % 3 == 2 && canary_count(dir, CANARY)) return 8;
        if (turn % 3 == 1) p->flushed = acked;
        if (turn % 3 == 1) disk_ack("views", acked);
        if (turn % 3 == 2) disk_ack("clean", acked);
    }
    return 0;
}

static int live(const char *dir, promises *p)
{
    fold_node node;
    if (fold_open(&node, dir, NULL)) return 1;
    int rc = work(&node, p, dir, 9);
    fold_close(&node, false);
    return rc;
}

/* Checks the fold, and ends the erasure that was begun. */
static void end_it(const char *dir, uint64_t acked, uint64_t begun, uint64_t flushed)
{
    fold_node node;
    lia_why why = {0};
    fold_check(dir, acked, begun, flushed);
    CHECK_OK(fold_open(&node, dir, &why));
    CHECK_OK(fold_catch_up(&node, &why));
    CHECK_OK(erase(&node));
    CHECK_OK(lia_views_rewrite_wait(node.views, &why));
    CHECK_EQ(canary_count(dir, CANARY), 0);
    CHECK(!fold_look_at_views(node.views, node.held));
    fold_close(&node, false);
}

static bool die_at(const char *dir, promises *p, disk_fault how, uint64_t n)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        disk_arm(how, n, false);
        _exit(live(dir, p));
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) CHECK_EQ(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

static void die_everywhere(disk_fault how)
{
    promises *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    const char *base = lia_test_dir();
    bool died = true;
    for (uint64_t n = 1; died; n += 1 + n / 30) {
        char dir[600];
        snprintf(dir, sizeof dir, "%s/%llu", base, (unsigned long long)n);
        *p = (promises){0};
        died = die_at(dir, p, how, n);
        end_it(dir, p->acked, p->begun, p->flushed);
    }
    munmap(p, 4096);
}

TEST(a_process_killed_at_any_write_of_a_rewrite_keeps_its_promises_and_ends_it_later)
{
    die_everywhere(DISK_KILL_BEFORE);
    die_everywhere(DISK_KILL_AFTER);
}

/* ---- power cut ------------------------------------------------------------------------------ */

static void rebuild_file(const char *dir, const char *folder, const char *name, size_t cut,
                         lia_dice *dice)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", dir, folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s/%s", dir, folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0);
    disk_rebuild(fd, name, cut, dice);
    close(fd);
}

TEST(a_power_cut_at_any_point_of_a_rewrite_leaves_the_old_or_the_new_file_whole)
{
    const char *base = lia_test_dir(), *dir = lia_test_dir();
    lia_dice dice = {9};
    promises p = {0};
    fold_node node;
    disk_record(true);
    CHECK_OK(fold_open(&node, base, NULL));
    size_t first = disk.op_count;
    CHECK_EQ(work(&node, &p, base, 9), 0);
    disk_record(false);
    fold_close(&node, true);
    size_t renames = 0;
    for (size_t i = first; i < disk.op_count; i++) renames += disk.ops[i].kind == DISK_RENAME;
    CHECK_EQ(renames, 3);
    for (size_t cut = first; cut <= disk.op_count; cut += 1 + lia_dice_below(&dice, 3)) {
        rebuild_file(dir, "log", "log.mdb", cut, &dice);
        rebuild_file(dir, "views", "views.mdb", cut, &dice);
        rebuild_file(dir, "views", "views.mdb.next", cut, &dice);
        end_it(dir, disk_acked("log", cut), UINT64_MAX, disk_acked("views", cut));
    }
    disk_forget();
}
