/* SPDX-License-Identifier: Apache-2.0 */
/* Whole nodes compare their states while all of them are written to. */
#include "common/node/node_rig.h"
#include "common/node/state.h"

static const lia_service services[] = {{.name = "sales", .department = LIA_SALES},
                                       {.name = "marketing", .department = LIA_MARKETING},
                                       {.name = "service", .department = LIA_SERVICE},
                                       {.name = "analytics", .department = LIA_ANALYTICS}};
#define VIEWS_VERSION ((uint32_t)LIA_VIEWS_VERSION << 16)

static void make(rig *r, size_t count, uint64_t agree_ms)
{
    *r = (rig){.check_ms = 600000, .agree_ms = agree_ms};
    for (size_t i = 0; i < count; i++) r->services[i + 1] = &services[i];
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_open(r, i);
    for (size_t i = 1; i <= count; i++)
        RIG_UNTIL(r, lia_node_health(r->nodes[i], NULL) != LIA_EBUSY);
}

/* ---- steady writing -------------------------------------------------------------------------- */

/* Keeps one command under way at each node: renames customers that all nodes rename. */
typedef struct author {
    rig *on;
    size_t number;
    lia_id customers[16];
    lia_command command;
    uint8_t bytes[256];
    unsigned written;
    bool busy, stop;
} author;

static void write_next(author *by);

static void written(lia_command *command, void *context)
{
    author *by = context;
    CHECK_OK(command->err);
    by->busy = false;
    by->written++;
    if (!by->stop) write_next(by);
}

static void write_next(author *by)
{
    char name[40];
    snprintf(name, sizeof name, "Mei %zu %u", by->number, by->written);
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = name;
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    bool makes = by->written % 8 == 7; /* now and then another one */
    by->command = (lia_command){.type = makes ? LIA_COMMAND_CREATE : LIA_COMMAND_CHANGE,
                                .kind = kind,
                                .id = makes ? LIA_ID_NONE
                                            : by->customers[by->written % LIA_COUNT(by->customers)],
                                .mask = &kind->title->number,
                                .mask_count = makes ? 0 : 1,
                                .request = rig_pack(&customer, by->bytes, sizeof by->bytes),
                                .done = written,
                                .context = by};
    by->busy = true;
    CHECK_OK(lia_node_submit(by->on->nodes[by->number], &by->command));
}

static bool has_record(rig *r, size_t number, lia_id id)
{
    lia_rows rows;
    lia_span row;
    lia_key key = lia_key_tag(LIA_CUSTOMER, id, LIA_TAG_STATE);
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    bool has = lia_rows_get(&rows, lia_key_span(&key), &row) == LIA_OK;
    lia_node_read_end(r->nodes[number], &rows);
    return has;
}

static void begin_writing(rig *r, author *authors, size_t count)
{
    lia_id customers[16];
    for (size_t i = 0; i < LIA_COUNT(customers); i++) customers[i] = rig_customer(r, 1, "Mei");
    for (size_t i = 2; i <= count; i++) RIG_UNTIL(r, has_record(r, i, customers[15]));
    for (size_t i = 0; i < count; i++) {
        authors[i] = (author){.on = r, .number = i + 1};
        memcpy(authors[i].customers, customers, sizeof customers);
        write_next(&authors[i]);
    }
}

static void end_writing(rig *r, author *authors, size_t count)
{
    for (size_t i = 0; i < count; i++) authors[i].stop = true;
    for (size_t i = 0; i < count; i++) RIG_UNTIL(r, !authors[i].busy);
}

/* ---- what they find -------------------------------------------------------------------------- */

static uint64_t fewest_comparisons(rig *r, size_t count)
{
    uint64_t fewest = UINT64_MAX;
    for (size_t i = 1; i <= count; i++) {
        lia_sync_peer_status peers[RIG_NODES];
        size_t peer_count = lia_node_peers(r->nodes[i], peers, RIG_NODES);
        for (size_t k = 0; k < peer_count; k++)
            if (peers[k].comparisons < fewest) fewest = peers[k].comparisons;
    }
    return fewest;
}

static size_t count_of_differing(rig *r, size_t count)
{
    size_t differing = 0;
    for (size_t i = 1; i <= count; i++) {
        lia_sync_peer_status peers[RIG_NODES];
        size_t peer_count = lia_node_peers(r->nodes[i], peers, RIG_NODES);
        for (size_t k = 0; k < peer_count; k++) differing += peers[k].differs;
    }
    return differing;
}

static lia_audit_stats audit_of(rig *r, size_t number)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[number], &stats);
    return stats.audit;
}

TEST(all_pairs_compare_again_and_again_while_all_nodes_are_written_to)
{
    enum { NODES = 4, ROUNDS = 4 };
    rig r;
    static author authors[NODES];
    make(&r, NODES, 200);
    begin_writing(&r, authors, NODES);
    uint64_t before = fewest_comparisons(&r, NODES);
    unsigned events = 0;
    RIG_UNTIL(&r, fewest_comparisons(&r, NODES) >= before + ROUNDS);
    CHECK_EQ(count_of_differing(&r, NODES), 0);
    for (size_t i = 0; i < NODES; i++) {
        CHECK(authors[i].written >= 10);
        events += authors[i].written;
    }
    CHECK(events > 100);
    end_writing(&r, authors, NODES);
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2) && rig_same_digests(&r, 1, 3) &&
                      rig_same_digests(&r, 1, 4));
    CHECK_EQ(count_of_differing(&r, NODES), 0);
    for (size_t i = 1; i <= NODES; i++) CHECK_EQ(audit_of(&r, i).refolds, 0);
    rig_end(&r);
}

/* Makes the record another one on the disk of node 1, and its digest fits: only others can tell. */
static void plant_other_state(rig *r, lia_id id, lia_id like)
{
    char path[700];
    uint8_t was[4096], is[4096], key_of_sum[3] = {'d'}, sum_row[16];
    uint64_t cursor, old[2], new[2];
    lia_why why = {{0}};
    lia_views *views;
    lia_span row;
    lia_views_options options = {.map_bytes = (size_t)1 << 30, .version = VIEWS_VERSION};
    snprintf(path, sizeof path, "%s/sales/views", r->dir);
    CHECK_OK(lia_views_open(&views, path, &options, &cursor, &why));
    lia_key key = lia_key_tag(LIA_CUSTOMER, id, LIA_TAG_STATE);
    lia_key other = lia_key_tag(LIA_CUSTOMER, like, LIA_TAG_STATE);
    CHECK_OK(lia_views_get(views, lia_key_span(&key), &row));
    memcpy(was, row.data, row.size);
    CHECK_OK(lia_digest_record(LIA_CUSTOMER, id, lia_span_make(was, row.size), old));
    CHECK_OK(lia_views_get(views, lia_key_span(&other), &row));
    memcpy(is, row.data, row.size);
    lia_span planted = lia_span_make(is, row.size);
    CHECK_OK(lia_digest_record(LIA_CUSTOMER, id, planted, new));
    lia_put_u16(key_of_sum + 1, lia_digest_bucket(id));
    CHECK_OK(lia_views_get(views, LIA_SPAN_OF(key_of_sum), &row));
    unsigned __int128 sum =
        (unsigned __int128)lia_get_u64(row.data) << 64 | lia_get_u64(row.data + 8);
    sum -= (unsigned __int128)old[0] << 64 | old[1];
    sum += (unsigned __int128)new[0] << 64 | new[1];
    lia_put_u64(sum_row, (uint64_t)(sum >> 64));
    lia_put_u64(sum_row + 8, (uint64_t)sum);
    CHECK_OK(lia_views_put(views, lia_key_span(&key), planted));
    CHECK_OK(lia_views_put(views, LIA_SPAN_OF(key_of_sum), LIA_SPAN_OF(sum_row)));
    CHECK_OK(lia_views_publish(views, cursor, &why));
    lia_views_close(views);
}

TEST(the_node_that_is_wrong_finds_it_out_from_its_peers_and_puts_it_right_while_all_go_on)
{
    enum { NODES = 3 };
    rig r;
    static author authors[NODES];
    make(&r, NODES, 200);
    lia_id id = rig_customer(&r, 1, "Ana"), like = rig_customer(&r, 1, "Ben");
    rig_stop(&r, 1);
    plant_other_state(&r, id, like);
    lia_log_set_level(LIA_ERROR + 1);
    rig_open(&r, 1);
    RIG_UNTIL(&r, lia_node_health(r.nodes[1], NULL) == LIA_OK);
    begin_writing(&r, authors, NODES);
    RIG_UNTIL(&r, audit_of(&r, 1).rows_repaired == 1 && audit_of(&r, 1).sums_repaired == 1);
    CHECK_EQ(audit_of(&r, 1).named_count, 1);
    CHECK(lia_id_equal(audit_of(&r, 1).named[0].id, id));
    RIG_UNTIL(&r, fewest_comparisons(&r, NODES) > 2);
    end_writing(&r, authors, NODES);
    RIG_UNTIL(&r, count_of_differing(&r, NODES) == 0 && rig_same_digests(&r, 1, 2) &&
                      rig_same_digests(&r, 1, 3));
    for (size_t i = 2; i <= NODES; i++) {
        CHECK_EQ(audit_of(&r, i).rows_repaired, 0);
        CHECK_EQ(audit_of(&r, i).sums_repaired, 0);
    }
    rig_end(&r);
}
