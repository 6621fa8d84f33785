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

/* The views of a node that is down. */
static lia_views *open_views(rig *r, uint64_t *cursor)
{
    char path[700];
    lia_why why = {{0}};
    lia_views *views;
    lia_views_options options = {.map_bytes = (size_t)1 << 30, .version = VIEWS_VERSION};
    snprintf(path, sizeof path, "%s/sales/views", r->dir);
    CHECK_OK(lia_views_open(&views, path, &options, cursor, &why));
    CHECK(*cursor > 0);
    return views;
}

static void close_views(lia_views *views, uint64_t cursor)
{
    lia_why why = {{0}};
    CHECK_OK(lia_views_publish(views, cursor, &why));
    lia_views_close(views);
}

static lia_span row_of(lia_views *views, lia_span key, uint8_t out[4096])
{
    lia_span value;
    CHECK_OK(lia_views_get(views, key, &value));
    CHECK(value.size <= 4096);
    memcpy(out, value.data, value.size);
    return lia_span_make(out, value.size);
}

/* Turns one bit of a row. */
static void plant_in_row(rig *r, lia_span key, size_t byte)
{
    uint64_t cursor;
    uint8_t bytes[4096];
    lia_views *views = open_views(r, &cursor);
    lia_span row = row_of(views, key, bytes);
    CHECK(row.size > byte);
    bytes[byte] ^= 1;
    CHECK_OK(lia_views_put(views, key, row));
    close_views(views, cursor);
}

static void plant_no_row(rig *r, lia_span key)
{
    uint64_t cursor;
    uint8_t bytes[4096];
    lia_views *views = open_views(r, &cursor);
    row_of(views, key, bytes);
    CHECK_OK(lia_views_del(views, key));
    close_views(views, cursor);
}

/* A row of another record, under `key`. */
static void plant_row(rig *r, lia_span key, lia_span like)
{
    uint64_t cursor;
    uint8_t bytes[4096];
    lia_views *views = open_views(r, &cursor);
    lia_span row = like.size ? row_of(views, like, bytes) : LIA_SPAN_NONE;
    CHECK_OK(lia_views_put(views, key, row));
    close_views(views, cursor);
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
    uint64_t wanted = stats_of(r).audit.checks + rounds;
    RIG_UNTIL(r, stats_of(r).audit.checks >= wanted);
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
    CHECK_EQ(stats_of(&r).audit.differences, 0);
    rig_stop(&r, 1);
    rig_start(&r, 1);
    wait_for_rounds(&r, 2);
    CHECK_EQ(stats_of(&r).audit.differences, 0);
    rig_end(&r);
}

static bool is_named(const lia_audit_stats *audit, lia_id id)
{
    for (size_t i = 0; i < audit->named_count; i++)
        if (lia_id_equal(audit->named[i].id, id)) return true;
    return false;
}

/* The views of a node in which one record and its neighbours are: all rows, bytes and all. */
static lia_hash image_of(rig *r)
{
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    lia_hash hash = {{0}};
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_rows_scan(&rows, LIA_SPAN_NONE, &scan));
    while (lia_scan_next(scan, &key, &value)) {
        if (key.data[0] == 'd') continue; /* written out with the rows they sum */
        lia_span parts[] = {LIA_SPAN_OF(hash), key, value};
        hash = lia_hash_of("image", parts, 3);
    }
    CHECK_OK(lia_scan_status(scan));
    lia_scan_close(scan);
    lia_node_read_end(r->nodes[1], &rows);
    return hash;
}

typedef struct planted {
    lia_id customer, other, absent, purchase;
    lia_key timeline, index;
} planted;

static void plant_bit_of_state(rig *r, const planted *p)
{
    plant_wrong_bit(r, p->customer, 20);
}
static void plant_bit_of_sum(rig *r, const planted *p)
{
    plant_wrong_sum(r, p->customer);
}
static void plant_other_value(rig *r, const planted *p)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, p->customer, LIA_TAG_STATE);
    lia_key other = lia_key_tag(LIA_CUSTOMER, p->other, LIA_TAG_STATE);
    plant_row(r, lia_key_span(&key), lia_key_span(&other));
}
static void plant_missing_state(rig *r, const planted *p)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, p->customer, LIA_TAG_STATE);
    plant_no_row(r, lia_key_span(&key));
}
static void plant_extra_record(rig *r, const planted *p)
{
    lia_key key = lia_key_tag(LIA_CUSTOMER, p->absent, LIA_TAG_STATE);
    lia_key other = lia_key_tag(LIA_CUSTOMER, p->other, LIA_TAG_STATE);
    plant_row(r, lia_key_span(&key), lia_key_span(&other));
}
static void plant_bit_of_pointer(rig *r, const planted *p)
{
    lia_key key = lia_key_tag(LIA_INTERACTION, p->purchase, LIA_TAG_STATE);
    plant_in_row(r, lia_key_span(&key), 8); /* another arrival: another event */
}
static void plant_missing_index(rig *r, const planted *p)
{
    plant_no_row(r, lia_key_span(&p->index));
}
static void plant_extra_index(rig *r, const planted *p)
{
    lia_key key = p->index;
    key.bytes[6] ^= 1; /* in the folded name */
    plant_row(r, lia_key_span(&key), LIA_SPAN_NONE);
}
static void plant_missing_timeline(rig *r, const planted *p)
{
    plant_no_row(r, lia_key_span(&p->timeline));
}
static void plant_bit_of_timeline(rig *r, const planted *p)
{
    plant_in_row(r, lia_key_span(&p->timeline), 7);
}
static void plant_extra_timeline(rig *r, const planted *p)
{
    lia_key key = p->timeline;
    key.bytes[key.size - 10] ^= 1;
    plant_row(r, lia_key_span(&key), lia_key_span(&p->timeline));
}

/* Records that are changed, read, referred to and stand on a timeline. */
static planted make_records(rig *r)
{
    planted p = {.customer = rig_customer(r, 1, "Mei"), .other = rig_customer(r, 1, "Ana")};
    p.absent = lia_id_make(lia_time_now().ms);
    p.purchase = rig_purchase(r, 1, p.customer, 1700000000000, 100);
    for (int i = 0; i < 300; i++) rig_customer(r, 1, "Ben");
    lia_timeline_entry entry;
    lia_header header;
    CHECK_EQ(rig_timeline(r, 1, p.customer, &entry, 1), 1);
    CHECK_OK(lia_event_parse_header(&header, entry.bytes));
    p.timeline = lia_key_timeline(p.customer, entry.time, &header);
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    p.index = lia_key_index(LIA_CUSTOMER, kind->title, LIA_SPAN("Mei"), p.customer);
    return p;
}

TEST(a_wrong_row_is_found_named_and_put_right_while_commands_go_on)
{
    static const struct {
        const char *what;
        void (*plant)(rig *r, const planted *p);
        bool other_is_named; /* not the customer */
    } cases[] = {
        {"bit of state", plant_bit_of_state, false},
        {"sum", plant_bit_of_sum, true},
        {"value", plant_other_value, false},
        {"missing", plant_missing_state, false},
        {"extra", plant_extra_record, true},
        {"pointer", plant_bit_of_pointer, true},
        {"missing index", plant_missing_index, false},
        {"extra index", plant_extra_index, false},
        {"missing timeline", plant_missing_timeline, false},
        {"bit of timeline", plant_bit_of_timeline, false},
        {"extra timeline", plant_extra_timeline, false},
    };
    rig r;
    make(&r, 1, 50);
    planted p = make_records(&r);
    lia_hash whole = image_of(&r);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        rig_stop(&r, 1);
        cases[i].plant(&r, &p);
        rig_start(&r, 1);
        lia_log_set_level(LIA_ERROR + 1);
        if (strcmp(cases[i].what, "sum") == 0) {
            RIG_UNTIL(&r, stats_of(&r).audit.sums_repaired);
        } else {
            RIG_UNTIL(&r, stats_of(&r).audit.rows_repaired);
        }
        lia_audit_stats audit = stats_of(&r).audit;
        if (!cases[i].other_is_named && !is_named(&audit, p.customer))
            print_error("%s: not named\n", cases[i].what);
        CHECK(cases[i].other_is_named || is_named(&audit, p.customer));
        uint64_t checks = audit.checks, refolds = audit.refolds;
        RIG_UNTIL(&r, stats_of(&r).audit.checks > checks + 1 &&
                          stats_of(&r).audit.refolds > refolds + 1);
        CHECK_EQ(stats_of(&r).audit.differences, 0);
        CHECK_EQ(stats_of(&r).audit.rows_repaired, audit.rows_repaired);
        lia_hash now = image_of(&r);
        if (!lia_hash_equal(&now, &whole)) print_error("%s: not the same\n", cases[i].what);
        CHECK(lia_hash_equal(&now, &whole));
        CHECK_OK(lia_node_health(r.nodes[1], NULL));
    }
    rig_end(&r);
}

TEST(rows_are_put_right_between_the_commands_that_change_them)
{
    rig r;
    make(&r, 1, 5);
    planted p = make_records(&r);
    rig_stop(&r, 1);
    plant_bit_of_state(&r, &p);
    plant_missing_index(&r, &p);
    plant_missing_timeline(&r, &p);
    rig_start(&r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    for (int i = 0; i < 50 || (i < 2000 && !stats_of(&r).audit.passes); i++) {
        rig_purchase(&r, 1, p.other, 1000 * i, 100);
        rig_customer(&r, 1, "Mei");
    }
    RIG_UNTIL(&r, stats_of(&r).audit.rows_repaired >= 3);
    uint64_t repaired = stats_of(&r).audit.rows_repaired, passes = stats_of(&r).audit.passes;
    RIG_UNTIL(&r, stats_of(&r).audit.passes > passes + 1);
    CHECK_EQ(stats_of(&r).audit.rows_repaired, repaired);
    lia_hash mended = image_of(&r);
    rig_stop(&r, 1);
    char command[800];
    snprintf(command, sizeof command, "rm -r '%s/sales/views'", r.dir);
    CHECK_EQ(system(command), 0);
    rig_start(&r, 1);
    lia_hash rebuilt = image_of(&r);
    CHECK(lia_hash_equal(&mended, &rebuilt));
    rig_end(&r);
}

/* The answer to a wish to rename the customer. */
static lia_err rename_it(rig *r, lia_id id, const char *to)
{
    uint8_t bytes[256];
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = to;
    const lia_kind *kind = lia_kind_find(LIA_CUSTOMER);
    lia_command command = {.type = LIA_COMMAND_CHANGE,
                           .kind = kind,
                           .id = id,
                           .mask = &kind->title->number,
                           .mask_count = 1,
                           .request = rig_pack(&customer, bytes, sizeof bytes)};
    return rig_do(r, 1, &command);
}

TEST(a_row_that_cannot_be_read_keeps_one_command_waiting_and_no_other)
{
    rig r;
    make(&r, 1, 600000); /* nobody looks by itself */
    planted p = make_records(&r);
    rig_stop(&r, 1);
    plant_wrong_bit(&r, p.customer, 0);
    rig_start(&r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    rig_customer(&r, 1, "Ana");
    CHECK_EQ(rename_it(&r, p.customer, "Mei Lin"), LIA_EBUSY);
    rig_customer(&r, 1, "Ana");
    RIG_UNTIL(&r, stats_of(&r).audit.rows_repaired);
    CHECK_OK(rename_it(&r, p.customer, "Mei Lin"));
    CHECK_OK(lia_node_health(r.nodes[1], NULL));
    rig_end(&r);
}

TEST(nodes_that_make_another_state_of_the_same_events_say_so_until_it_is_repaired)
{
    rig r;
    make(&r, 2, 300);
    lia_id id = rig_customer(&r, 1, "Mei");
    RIG_UNTIL(&r, peer_of(&r, 1).compared_ms && peer_of(&r, 2).compared_ms);
    CHECK(!peer_of(&r, 1).differs && !peer_of(&r, 2).differs);
    rig_stop(&r, 1);
    plant_wrong_sum(&r, id);
    rig_start(&r, 1);
    lia_log_set_level(LIA_ERROR + 1);
    RIG_UNTIL(&r, peer_of(&r, 2).differs || stats_of(&r).audit.sums_repaired);
    RIG_UNTIL(&r, stats_of(&r).audit.sums_repaired == 1 && peer_of(&r, 1).compared_ms &&
                      !peer_of(&r, 1).differs && !peer_of(&r, 2).differs);
    CHECK(rig_same_digests(&r, 1, 2));
    rig_end(&r);
}
