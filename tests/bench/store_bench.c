/* SPDX-License-Identifier: Apache-2.0 */
/* store_bench - what common/store costs, beside the bare limits below it: the disk's flush rate and
 * LMDB without us. Usage: store_bench [folder on the disk to measure]. One JSON object a line. */
#include <fcntl.h>
#include <ftw.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/store/log.h"
#include "common/store/views.h"

enum { EVENT_BYTES = 318, BLOCK_MAX = 256, BULK = 4096 };

static char root[400];

static void die(const char *what)
{
    fprintf(stderr, "store_bench: %s failed\n", what);
    exit(1);
}

static void check(int failed, const char *what)
{
    if (failed) die(what);
}

static void report(const char *name, double value, const char *unit)
{
    printf("{\"name\":\"%s\",\"value\":%.*f,\"unit\":\"%s\"}\n", name, value < 100 ? 3 : 0, value,
           unit);
    fflush(stdout);
}

static double seconds_since(uint64_t began)
{
    return (double)(lia_time_ticks_ns() - began) / 1e9;
}

static const char *folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", root, name);
    mkdir(path, 0700);
    return path;
}

/* The same numbers every time: SplitMix64. */
static uint64_t mix(uint64_t n)
{
    n = (n + 1) * 0x9e3779b97f4a7c15u;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
    return n ^ (n >> 31);
}

/* ---- the disk -------------------------------------------------------------------------------- */

static void bench_disk(void)
{
    char path[600];
    uint8_t page[4096] = {0};
    snprintf(path, sizeof path, "%s/disk", root);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    check(fd < 0, "open");
    int rounds = 500;
    uint64_t began = lia_time_ticks_ns();
    for (int i = 0; i < rounds; i++) {
        memset(page, i, sizeof page);
        check(pwrite(fd, page, sizeof page, (off_t)i * 4096) != sizeof page, "pwrite");
        check(fdatasync(fd), "fdatasync");
    }
    report("disk.flush_4k", rounds / seconds_since(began), "1/s");
    close(fd);
}

/* ---- the log --------------------------------------------------------------------------------- */

static lia_span events[BULK];

static void make_events(void)
{
    static uint8_t bytes[BULK][EVENT_BYTES];
    for (size_t i = 0; i < BULK; i++) {
        for (size_t k = 0; k < EVENT_BYTES; k++) bytes[i][k] = (uint8_t)mix(i * EVENT_BYTES + k);
        events[i] = LIA_SPAN_OF(bytes[i]);
    }
}

static void bench_raw_log(int group, int commits)
{
    char name[64];
    snprintf(name, sizeof name, "raw-%d", group);
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi dbi;
    MDB_cursor *cursor;
    check(mdb_env_create(&env), "mdb_env_create");
    check(mdb_env_set_mapsize(env, (size_t)8 << 30), "mdb_env_set_mapsize");
    check(mdb_env_open(env, folder(name), MDB_NOTLS, 0600), "mdb_env_open");
    uint64_t next = 1, began = lia_time_ticks_ns();
    for (int i = 0; i < commits; i++) {
        check(mdb_txn_begin(env, NULL, 0, &txn), "mdb_txn_begin");
        check(mdb_dbi_open(txn, NULL, 0, &dbi), "mdb_dbi_open");
        check(mdb_cursor_open(txn, dbi, &cursor), "mdb_cursor_open");
        for (int k = 0; k < group; k++) {
            uint8_t at[8];
            lia_put_u64(at, next++);
            MDB_val key = {8, at}, value = {EVENT_BYTES, (void *)(uintptr_t)events[k].data};
            check(mdb_cursor_put(cursor, &key, &value, MDB_APPEND), "mdb_cursor_put");
        }
        check(mdb_txn_commit(txn), "mdb_txn_commit");
    }
    snprintf(name, sizeof name, "lmdb.append_by_%d", group);
    report(name, group * commits / seconds_since(began), "events/s");
    mdb_env_close(env);
}

static lia_hash hash_at(uint64_t seq)
{
    lia_hash hash = {{0}};
    if (seq) lia_put_u64(hash.bytes, seq);
    return hash;
}

/* `group` events in one commit, in blocks as long as they may be. */
static uint64_t append_group(lia_log *log, lia_lane lane, uint64_t first, int group)
{
    uint64_t began = lia_time_ticks_ns();
    for (int done = 0; done < group;) {
        int count = group - done < BLOCK_MAX ? group - done : BLOCK_MAX;
        uint64_t at = first + (uint64_t)done;
        lia_block block = {.lane = lane,
                           .first = at,
                           .count = (uint32_t)count,
                           .before = hash_at(at - 1),
                           .hash = hash_at(at + (uint64_t)count - 1)};
        check(lia_log_append(log, &block, events + done), "lia_log_append");
        done += count;
    }
    return lia_time_ticks_ns() - began;
}

static void bench_log(int group, int commits)
{
    char name[64];
    snprintf(name, sizeof name, "log-%d", group);
    lia_log *log;
    lia_lane lane;
    check(lia_log_open(&log, folder(name), 0, NULL), "lia_log_open");
    uint64_t next = 1, inside = 0, began = lia_time_ticks_ns();
    for (int i = 0; i < commits; i++) {
        check(lia_log_begin(log, NULL), "lia_log_begin");
        check(lia_log_lane(log, (lia_origin){1, 1}, &lane), "lia_log_lane");
        inside += append_group(log, lane, next, group);
        next += (uint64_t)group;
        check(lia_log_commit(log, NULL), "lia_log_commit");
    }
    snprintf(name, sizeof name, "log.append_by_%d", group);
    report(name, group * commits / seconds_since(began), "events/s");
    snprintf(name, sizeof name, "log.append_by_%d.inside", group);
    report(name, (double)inside / 1e3 / group / commits, "us/event");

    lia_log_reader *reader;
    check(lia_log_reader_open(&reader, log), "lia_log_reader_open");
    lia_span event;
    began = lia_time_ticks_ns();
    for (uint64_t at = 1; at < next; at++)
        check(lia_log_event(reader, at, &event), "lia_log_event");
    if (group == BULK) report("log.read", (double)(next - 1) / seconds_since(began), "events/s");
    lia_log_reader_close(reader);
    lia_log_close(log);
}

/* ---- the views ------------------------------------------------------------------------------- */

enum { CUSTOMERS = 10000, ROWS = 1000000, GROUP = 100 };

/* table 1, kind 2, customer id 16, tag 1, time 8, id 16 */
static lia_span row_key(uint64_t n, uint8_t key[44])
{
    uint64_t customer = mix(n) % CUSTOMERS;
    key[0] = 1;
    lia_put_u16(key + 1, 7);
    lia_put_u64(key + 3, mix(customer));
    lia_put_u64(key + 11, mix(customer + CUSTOMERS));
    key[19] = 3;
    lia_put_u64(key + 20, n);
    lia_put_u64(key + 28, mix(n * 2));
    lia_put_u64(key + 36, mix(n * 3));
    return lia_span_make(key, 44);
}

static lia_views *open_views(void)
{
    lia_views *views;
    uint64_t cursor;
    check(
        lia_views_open(&views, folder("views"), &(lia_views_options){.version = 1}, &cursor, NULL),
        "lia_views_open");
    return views;
}

static void report_memory(const char *name)
{
    char line[200];
    FILE *file = fopen("/proc/self/status", "r");
    check(!file, "fopen");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "RssAnon:", 8) == 0) report(name, atof(line + 8) / 1024, "MiB");
    fclose(file);
}

static void bench_puts(lia_views *views)
{
    uint8_t key[44], value[8];
    uint64_t began = lia_time_ticks_ns(), half = began;
    for (uint64_t n = 0; n < ROWS; n++) {
        lia_put_u64(value, n);
        check(lia_views_put(views, row_key(n, key), LIA_SPAN_OF(value)), "lia_views_put");
        if (n % GROUP == GROUP - 1) check(lia_views_publish(views, n, NULL), "lia_views_publish");
        if (n == ROWS / 2) half = lia_time_ticks_ns();
    }
    report("views.put", ROWS / seconds_since(began), "rows/s");
    report("views.put_second_half", ROWS / 2 / seconds_since(half), "rows/s");
    check(lia_views_flush(views, NULL), "lia_views_flush");
    report("views.put_and_flush", ROWS / seconds_since(began), "rows/s");
    lia_views_stats stats;
    lia_views_get_stats(views, &stats);
    report("views.flushes", (double)stats.flushes, "1");
    report("views.flush", (double)stats.flush_ns / 1e6 / (double)stats.flushes, "ms");
    report("views.disk", (double)stats.disk_used / (1 << 20), "MiB");
}

/* Puts that meet rows in the table: what the writer pays alone. */
static void bench_table_puts(lia_views *views)
{
    uint8_t key[44], value[8] = {0};
    uint64_t rows = 60000, began = lia_time_ticks_ns();
    for (uint64_t n = 0; n < rows; n++) {
        check(lia_views_put(views, row_key(n * 7, key), LIA_SPAN_OF(value)), "lia_views_put");
        if (n % GROUP == GROUP - 1)
            check(lia_views_publish(views, ROWS + n, NULL), "lia_views_publish");
    }
    report("views.put_into_table", (double)rows / seconds_since(began), "rows/s");
}

static void bench_gets(lia_views *views, const char *name)
{
    uint8_t key[44];
    lia_span value;
    uint64_t gets = 300000, began = lia_time_ticks_ns();
    for (uint64_t i = 0; i < gets; i++) {
        lia_snapshot *snapshot;
        check(lia_snapshot_open(&snapshot, views), "lia_snapshot_open");
        check(lia_snapshot_get(snapshot, row_key(mix(i) % ROWS, key), &value), "lia_snapshot_get");
        lia_snapshot_close(snapshot);
    }
    report(name, (double)gets / seconds_since(began), "1/s");
}

static void bench_opens(lia_views *views)
{
    uint64_t opens = 1000000, began = lia_time_ticks_ns();
    for (uint64_t i = 0; i < opens; i++) {
        lia_snapshot *snapshot;
        check(lia_snapshot_open(&snapshot, views), "lia_snapshot_open");
        lia_snapshot_close(snapshot);
    }
    report("views.snapshot", seconds_since(began) * 1e9 / (double)opens, "ns");
}

static void bench_scans(lia_views *views, const char *name)
{
    uint8_t key[44];
    lia_span k, v;
    uint64_t scans = 100000, began = lia_time_ticks_ns();
    for (uint64_t i = 0; i < scans; i++) {
        lia_snapshot *snapshot;
        lia_scan *scan;
        lia_span prefix = row_key(mix(i) % ROWS, key);
        prefix.size = 20;
        check(lia_snapshot_open(&snapshot, views), "lia_snapshot_open");
        check(lia_scan_open(&scan, snapshot, prefix), "lia_scan_open");
        for (int row = 0; row < 20; row++) check(!lia_scan_next(scan, &k, &v), "lia_scan_next");
        lia_scan_close(scan);
        lia_snapshot_close(snapshot);
    }
    report(name, seconds_since(began) * 1e6 / (double)scans, "us");
}

static void bench_views(void)
{
    lia_views *views = open_views();
    bench_puts(views);
    report_memory("views.memory");
    bench_opens(views);
    bench_gets(views, "views.get_from_disk");
    bench_scans(views, "views.scan_20_from_disk");
    bench_table_puts(views);
    bench_gets(views, "views.get_beside_table");
    bench_scans(views, "views.scan_20_beside_table");
    lia_views_close(views);
}

/* ---- both: what a node does ------------------------------------------------------------------ */

enum { TURNS = 4000, ROWS_PER_EVENT = 2 };

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void turn(lia_log *log, lia_views *views, uint64_t first)
{
    uint8_t key[44], value[8] = {0};
    lia_lane lane;
    check(lia_log_begin(log, NULL), "lia_log_begin");
    check(lia_log_lane(log, (lia_origin){1, 1}, &lane), "lia_log_lane");
    append_group(log, lane, first, GROUP);
    check(lia_log_commit(log, NULL), "lia_log_commit");
    for (uint64_t row = 0; row < GROUP * ROWS_PER_EVENT; row++)
        check(lia_views_put(views, row_key(first * ROWS_PER_EVENT + row, key), LIA_SPAN_OF(value)),
              "lia_views_put");
    check(lia_views_publish(views, first + GROUP, NULL), "lia_views_publish");
}

static void bench_node(void)
{
    static uint64_t took[TURNS];
    lia_log *log;
    check(lia_log_open(&log, folder("node-log"), 0, NULL), "lia_log_open");
    lia_views *views;
    uint64_t cursor;
    check(lia_views_open(&views, folder("node-views"), &(lia_views_options){.version = 1}, &cursor,
                         NULL),
          "lia_views_open");
    uint64_t began = lia_time_ticks_ns();
    for (uint64_t i = 0; i < TURNS; i++) {
        uint64_t from = lia_time_ticks_ns();
        turn(log, views, i * GROUP + 1);
        took[i] = lia_time_ticks_ns() - from;
    }
    report("node.turns_of_100", TURNS * GROUP / seconds_since(began), "events/s");
    report_memory("node.memory");
    qsort(took, TURNS, sizeof took[0], by_size);
    report("node.turn_p50", (double)took[TURNS / 2] / 1e6, "ms");
    report("node.turn_p99", (double)took[TURNS * 99 / 100] / 1e6, "ms");
    report("node.turn_max", (double)took[TURNS - 1] / 1e6, "ms");
    lia_views_close(views);
    lia_log_close(log);
}

/* ---- all ------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    return remove(path);
}

int main(int argc, char **argv)
{
    static const struct {
        int group, commits;
    } groups[] = {{1, 400}, {10, 400}, {100, 300}, {1000, 150}, {BULK, 60}};
    snprintf(root, sizeof root, "%s/store-bench-XXXXXX", argc > 1 ? argv[1] : ".");
    check(!mkdtemp(root), "mkdtemp");
    make_events();
    bench_disk();
    for (size_t i = 0; i < LIA_COUNT(groups); i++) {
        bench_raw_log(groups[i].group, groups[i].commits);
        bench_log(groups[i].group, groups[i].commits);
    }
    bench_views();
    bench_node();
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
