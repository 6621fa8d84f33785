/* SPDX-License-Identifier: Apache-2.0 */
#include "common/node/node_rig.h"
#include "common/node/state.h"

static const lia_service sales = {.name = "sales", .department = LIA_SALES};
static const lia_service marketing = {.name = "marketing", .department = LIA_MARKETING};
/* As node.c composes it for a service without folds. */
#define VIEWS_VERSION ((uint32_t)LIA_VIEWS_VERSION << 16)

static void make(rig *r, size_t count, uint64_t check_ms)
{
    *r = (rig){.services = {NULL, &sales, &marketing}, .check_ms = check_ms};
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_start(r, i);
}

static lia_node_stats stats_of(rig *r)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[1], &stats);
    return stats;
}

/* Turns one bit of a view's row on the disk of a node that is down. */
static void plant_in_row(rig *r, lia_span key, size_t byte)
{
    char path[700];
    uint8_t row[4096];
    lia_why why = {{0}};
    lia_views *views;
    lia_span value;
    uint64_t cursor;
    lia_views_options options = {.map_bytes = (size_t)1 << 30, .version = VIEWS_VERSION};
    snprintf(path, sizeof path, "%s/sales/views", r->dir);
    CHECK_OK(lia_views_open(&views, path, &options, &cursor, &why));
    CHECK(cursor > 0);
    CHECK_OK(lia_views_get(views, key, &value));
    CHECK(value.size > byte && value.size <= sizeof row);
    memcpy(row, value.data, value.size);
    row[byte] ^= 1;
    CHECK_OK(lia_views_put(views, key, lia_span_make(row, value.size)));
    CHECK_OK(lia_views_publish(views, cursor, &why));
    lia_views_close(views);
}

static void plant_wrong_bit(rig *r, lia_id id, size_t byte)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, id, LIA_TAG_STATE);
    plant_in_row(r, lia_key_span(&key), byte);
}

/* The sum of a record's bucket. */
static void plant_wrong_sum(rig *r, lia_id id)
{
    uint8_t key[3] = {'d'};
    lia_put_u16(key + 1, lia_digest_bucket(id));
    plant_in_row(r, LIA_SPAN_OF(key), 0);
}

static lia_sync_peer_status peer_of(rig *r, size_t number)
{
    lia_sync_peer_status peer;
    CHECK_EQ(lia_node_peers(r->nodes[number], &peer, 1), 1);
    return peer;
}

static void wait_for_rounds(rig *r, uint64_t rounds)
{
    uint64_t wanted = stats_of(r).checks + rounds;
    RIG_UNTIL(r, stats_of(r).checks >= wanted);
}

TEST(rounds_find_nothing_while_everything_is_right)
{
    rig r;
    make(&r, 1, 1);
    lia_id id = rig_customer(&r, 1, "Mei");
    for (int64_t i = 0; i < 200; i++) {
        rig_customer(&r, 1, "Ben");
        rig_purchase(&r, 1, id, 1000 * i, 100);
    }
    wait_for_rounds(&r, 3);
    CHECK_EQ(stats_of(&r).differences, 0);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    wait_for_rounds(&r, 2);
    CHECK_EQ(stats_of(&r).differences, 0);
    rig_end(&r);
}

TEST(a_wrong_bit_in_a_view_is_found_in_one_round_and_the_log_makes_the_views_right_again)
{
    rig r;
    make(&r, 1, 20);
    lia_id id = rig_customer(&r, 1, "Mei");
    for (int i = 0; i < 50; i++) rig_customer(&r, 1, "Ben");
    static lia_digests before, after;
    lia_lane_info lanes[4];
    size_t count;
    CHECK_OK(lia_node_digests(r.nodes[1], &before, lanes, 4, &count));
    rig_stop(&r, 1);
    plant_wrong_bit(&r, id, 20);

    rig_start(&r, 1);
    wait_for_rounds(&r, 1);
    CHECK_EQ(stats_of(&r).differences, 1);
    CHECK_OK(lia_node_health(r.nodes[1], NULL));
    rig_customer(&r, 1, "Ana"); /* nobody is held up */
    rig_stop(&r, 1);

    rig_start(&r, 1);
    wait_for_rounds(&r, 2);
    CHECK_EQ(stats_of(&r).differences, 0);
    CHECK_OK(lia_node_digests(r.nodes[1], &after, lanes, 4, &count));
    size_t bucket = lia_digest_bucket(id);
    CHECK(!memcmp(before.sum[bucket], after.sum[bucket], sizeof before.sum[bucket]));
    rig_stop(&r, 1);
    rig_start(&r, 1);
    wait_for_rounds(&r, 1);
    CHECK_EQ(stats_of(&r).differences, 0);
    rig_end(&r);
}

TEST(nodes_that_make_another_state_of_the_same_events_say_so_until_it_is_repaired)
{
    rig r;
    make(&r, 2, 20);
    lia_id id = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, peer_of(&r, 1).compared_ms && peer_of(&r, 2).compared_ms);
    CHECK(!peer_of(&r, 1).differs && !peer_of(&r, 2).differs);
    rig_stop(&r, 1);
    plant_wrong_sum(&r, id);
    rig_start(&r, 1);
    RIG_UNTIL(&r, peer_of(&r, 1).differs && peer_of(&r, 2).differs);
    wait_for_rounds(&r, 1);
    CHECK_EQ(stats_of(&r).differences, 1);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    RIG_UNTIL(&r, peer_of(&r, 1).compared_ms && !peer_of(&r, 2).differs);
    CHECK(!peer_of(&r, 1).differs);
    CHECK(rig_same_digests(&r, 1, 2));
    rig_end(&r);
}
