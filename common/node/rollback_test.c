/* SPDX-License-Identifier: Apache-2.0 */
/* An old copy of a node's disk is put back, in all the ways that this happens. */
#include <fcntl.h>

#include "common/node/node_rig.h"

static const lia_service services[] = {{.name = "sales", .department = LIA_SALES},
                                       {.name = "marketing", .department = LIA_MARKETING},
                                       {.name = "service", .department = LIA_SERVICE}};
static const char *const files[] = {"log/log.mdb", "views/views.mdb"};
static lia_id ids[256];
static size_t id_count;

static void make(rig *r, size_t count)
{
    *r = (rig){.services = {NULL, &services[0], &services[1], &services[2]}};
    id_count = 0;
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_start(r, i);
}

/* Into the file that is there already, if one is: it stays the same file. */
static void copy_file(const char *from, const char *to)
{
    static uint8_t bytes[1 << 16];
    ssize_t size;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(in >= 0 && out >= 0);
    while ((size = read(in, bytes, sizeof bytes)) > 0) CHECK_EQ(write(out, bytes, size), size);
    close(in);
    close(out);
}

static void path_of(const rig *r, size_t file, const char *suffix, char path[800])
{
    snprintf(path, 800, "%s/sales/%s%s", r->dir, files[file], suffix);
}

static void back_up(const rig *r)
{
    char from[800], to[800];
    for (size_t i = 0; i < LIA_COUNT(files); i++) {
        path_of(r, i, "", from);
        path_of(r, i, ".old", to);
        copy_file(from, to);
    }
}

static void put_back(const rig *r, bool as_another_file)
{
    char from[800], to[800];
    for (size_t i = 0; i < LIA_COUNT(files); i++) {
        path_of(r, i, ".old", from);
        path_of(r, i, "", to);
        if (as_another_file)
            CHECK_EQ(rename(from, to), 0);
        else
            copy_file(from, to);
    }
}

static void write_some(rig *r, size_t count)
{
    for (size_t i = 0; i < count; i++) ids[id_count++] = rig_customer(r, 1, "Mei");
}

static bool has(rig *r, size_t number, lia_id id)
{
    lia_rows rows;
    lia_span row;
    lia_key key = lia_key_tag(LIA_CUSTOMER, id, LIA_TAG_STATE);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    lia_err err = lia_rows_get(&rows, lia_key_span(&key), &row);
    lia_node_read_end(r->nodes[number], &rows);
    return err == LIA_OK;
}

static bool has_all(rig *r, size_t number)
{
    for (size_t i = 0; i < id_count; i++)
        if (!has(r, number, ids[i])) return false;
    return true;
}

static lia_sync_lane_status lane_at(rig *r, size_t number, lia_origin origin)
{
    lia_sync_lane_status lanes[16];
    size_t count = lia_node_lanes(r->nodes[number], lanes, 16);
    for (size_t i = 0; i < count; i++)
        if (lia_origin_equal(lanes[i].origin, origin)) return lanes[i];
    return (lia_sync_lane_status){0};
}

static bool is_busy(rig *r)
{
    lia_why why = {{0}};
    lia_err err = lia_node_health(r->nodes[1], &why);
    CHECK(!err == !why.text[0]);
    return err == LIA_EBUSY;
}

static void check_no_command_is_taken(rig *r)
{
    bool done = false;
    lia_command command = {.type = LIA_COMMAND_ARCHIVE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = ids[0],
                           .done = rig_done,
                           .context = &done};
    CHECK(is_busy(r));
    CHECK_ERR(lia_node_submit(r->nodes[1], &command), LIA_EBUSY);
}

/* Five customers before the copy, twenty after it, all of them at all others. */
static lia_origin lose_twenty(rig *r, size_t count)
{
    make(r, count);
    write_some(r, 5);
    lia_origin origin = lia_node_origin(r->nodes[1]);
    rig_stop(r, 1);
    back_up(r);
    rig_start(r, 1);
    CHECK(lia_origin_equal(lia_node_origin(r->nodes[1]), origin));
    write_some(r, 20);
    for (size_t n = 2; n <= count; n++) RIG_UNTIL(r, has_all(r, n));
    rig_stop(r, 1);
    return origin;
}

static void check_all_agree(rig *r, size_t count)
{
    for (size_t n = 1; n <= count; n++) RIG_UNTIL(r, has_all(r, n));
    for (size_t n = 2; n <= count; n++) RIG_UNTIL(r, rig_same_digests(r, 1, n));
}

TEST(a_node_whose_disk_was_put_back_fetches_its_own_tail_before_it_writes)
{
    rig r;
    lia_origin old = lose_twenty(&r, 3);
    put_back(&r, false);
    rig_open(&r, 1);
    check_no_command_is_taken(&r);
    RIG_UNTIL(&r, !is_busy(&r));
    CHECK(has_all(&r, 1));
    RIG_UNTIL(&r, !lia_origin_equal(lia_node_origin(r.nodes[1]), old));
    write_some(&r, 3);
    check_all_agree(&r, 3);
    for (size_t n = 1; n <= 3; n++) {
        lia_sync_lane_status lane = lane_at(&r, n, old);
        CHECK_EQ(lane.head, lane.target);
        CHECK_EQ(lane.cause, LIA_SYNC_CURRENT);
    }
    rig_end(&r);
}

TEST(a_store_that_is_in_another_file_goes_on_under_a_new_incarnation_also_alone)
{
    rig r;
    lia_origin old = lose_twenty(&r, 3);
    put_back(&r, true);
    rig_stop(&r, 2);
    rig_stop(&r, 3);
    rig_start(&r, 1);
    RIG_UNTIL(&r, !lia_origin_equal(lia_node_origin(r.nodes[1]), old));
    write_some(&r, 5);
    rig_start(&r, 2);
    rig_start(&r, 3);
    check_all_agree(&r, 3);
    rig_end(&r);
}

/* The process that saw the copy ends before it has asked; the next one finds the file in its place.
 */
TEST(a_store_that_was_put_back_stays_so_until_it_has_a_new_incarnation)
{
    rig r;
    lia_origin old = lose_twenty(&r, 3);
    put_back(&r, true);
    rig_stop(&r, 2);
    rig_stop(&r, 3);
    rig_open(&r, 1);
    CHECK(is_busy(&r));
    rig_stop(&r, 1);
    rig_start(&r, 1);
    RIG_UNTIL(&r, !lia_origin_equal(lia_node_origin(r.nodes[1]), old));
    write_some(&r, 5);
    rig_start(&r, 2);
    rig_start(&r, 3);
    check_all_agree(&r, 3);
    rig_end(&r);
}

TEST(a_rollback_that_shows_later_stops_commands_until_the_tail_is_here)
{
    rig r;
    lia_origin old = lose_twenty(&r, 2);
    put_back(&r, false);
    rig_stop(&r, 2);
    rig_start(&r, 1);
    CHECK(lia_origin_equal(lia_node_origin(r.nodes[1]), old));
    CHECK(!has_all(&r, 1));
    rig_start(&r, 2);
    RIG_UNTIL(&r, !lia_origin_equal(lia_node_origin(r.nodes[1]), old) && !is_busy(&r));
    CHECK(has_all(&r, 1));
    write_some(&r, 3);
    check_all_agree(&r, 2);
    rig_end(&r);
}

/* Alone with an old disk that nobody could tell from the right one, it uses numbers again. */
static void fork_and_meet(size_t forked)
{
    rig r;
    lia_origin old = lose_twenty(&r, 3);
    size_t before = id_count;
    put_back(&r, false);
    rig_stop(&r, 2);
    rig_stop(&r, 3);
    rig_start(&r, 1);
    write_some(&r, forked);
    CHECK(lia_origin_equal(lia_node_origin(r.nodes[1]), old));
    id_count = before; /* these are in quarantine */
    rig_start(&r, 2);
    rig_start(&r, 3);
    lia_id theirs = rig_customer(&r, 2, "Ben");
    RIG_UNTIL(&r, !lia_origin_equal(lia_node_origin(r.nodes[1]), old) && !is_busy(&r));
    lia_id mine = rig_customer(&r, 1, "Ana");
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, has(&r, n, theirs) && has(&r, n, mine));
    RIG_UNTIL(&r, has_all(&r, 2) && has_all(&r, 3) && rig_same_digests(&r, 2, 3));
    RIG_UNTIL(&r, lane_at(&r, 1, old).cause == LIA_SYNC_QUARANTINED);
    CHECK(!has(&r, 2, ids[before]) && has(&r, 1, ids[before]));

    /* It stays so over a restart, and nobody is held up by it. */
    rig_stop(&r, 1);
    rig_start(&r, 1);
    mine = rig_customer(&r, 1, "Eva");
    RIG_UNTIL(&r, has(&r, 2, mine) && has(&r, 3, mine));
    RIG_UNTIL(&r, lane_at(&r, 1, old).cause == LIA_SYNC_QUARANTINED);
    rig_end(&r);
}

TEST(a_shorter_second_history_is_left_and_the_node_writes_on_under_a_new_incarnation)
{
    fork_and_meet(5);
}

TEST(a_longer_second_history_is_left_too)
{
    fork_and_meet(30);
}

TEST(a_second_history_of_the_same_length_is_left_too)
{
    fork_and_meet(20);
}

TEST(a_copy_from_before_the_first_event_is_recognised_too)
{
    rig r;
    make(&r, 2);
    lia_origin old = lia_node_origin(r.nodes[1]);
    rig_stop(&r, 1);
    back_up(&r);
    rig_start(&r, 1);
    write_some(&r, 3);
    RIG_UNTIL(&r, has_all(&r, 2));
    rig_stop(&r, 1);
    put_back(&r, false);
    rig_start(&r, 1);
    RIG_UNTIL(&r, !lia_origin_equal(lia_node_origin(r.nodes[1]), old));
    write_some(&r, 3);
    check_all_agree(&r, 2);
    rig_end(&r);
}

TEST(a_start_after_a_stop_keeps_the_incarnation)
{
    rig r;
    make(&r, 2);
    write_some(&r, 1);
    lia_origin origin = lia_node_origin(r.nodes[1]);
    rig_stop(&r, 2);
    for (int i = 0; i < 2; i++) {
        rig_stop(&r, 1);
        rig_start(&r, 1);
        write_some(&r, 1);
        CHECK(lia_origin_equal(lia_node_origin(r.nodes[1]), origin));
    }
    rig_start(&r, 2);
    check_all_agree(&r, 2);
    CHECK(lia_origin_equal(lia_node_origin(r.nodes[1]), origin));
    rig_end(&r);
}
