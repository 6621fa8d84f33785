/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a node's log change on the disk: it finds them, names them, and gets them back. */
#include "common/node/node_rig.h"

#define EVENTS 120

static const lia_service services[] = {{.name = "sales", .department = LIA_SALES},
                                       {.name = "marketing", .department = LIA_MARKETING},
                                       {.name = "service", .department = LIA_SERVICE}};

static void make(rig *r, size_t count)
{
    *r = (rig){.check_ms = 300, .agree_ms = 200};
    for (size_t i = 0; i < count; i++) r->services[i + 1] = &services[i];
    rig_make(r, count);
    for (size_t i = 1; i <= count; i++) rig_open(r, i);
    for (size_t i = 1; i <= count; i++)
        RIG_UNTIL(r, lia_node_health(r->nodes[i], NULL) != LIA_EBUSY);
}

static void start(rig *r, size_t number)
{
    rig_open(r, number);
    RIG_UNTIL(r, lia_node_health(r->nodes[number], NULL) != LIA_EBUSY);
}

static lia_sync_inspection inspection_of(rig *r, size_t number)
{
    lia_sync_inspection seen;
    lia_node_get_inspection(r->nodes[number], &seen);
    return seen;
}

static lia_audit_stats audit_of(rig *r, size_t number)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[number], &stats);
    return stats.audit;
}

/* Where bytes are in a node's log file; the file of a node that is down. */
static FILE *open_log(rig *r, const char *name, uint8_t **bytes, size_t *size)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s/log/log.mdb", r->dir, name);
    FILE *file = fopen(path, "r+b");
    CHECK(file && fseek(file, 0, SEEK_END) == 0);
    *size = (size_t)ftell(file);
    *bytes = malloc(*size);
    rewind(file);
    CHECK(*bytes && fread(*bytes, 1, *size, file) == *size);
    return file;
}

/* Flips a bit in every copy of `text` in the file, `offset` bytes behind its beginning. */
static unsigned flip_behind(rig *r, const char *name, lia_span text, size_t offset)
{
    uint8_t *bytes;
    size_t size;
    unsigned count = 0;
    FILE *file = open_log(r, name, &bytes, &size);
    for (size_t at = 0; at + text.size + offset < size; at++) {
        if (memcmp(bytes + at, text.data, text.size)) continue;
        CHECK(fseek(file, (long)(at + offset), SEEK_SET) == 0);
        fputc(bytes[at + offset] ^ 4, file);
        count++;
    }
    CHECK_EQ(fclose(file), 0);
    free(bytes);
    return count;
}

/* The block that holds the customer's first event, as node `at` has it. */
static lia_hash hash_of_block(rig *r, size_t at, lia_position position, lia_block *block)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(r->nodes[at], &rows));
    lia_lane lane = lia_log_find_lane(rows.log, (lia_origin){position.node, position.incarnation});
    CHECK_OK(lia_log_block(rows.log, lane, position.seq, block));
    lia_hash hash = {{0}};
    for (uint32_t i = 0; i < block->count; i++) {
        lia_span event;
        CHECK_OK(lia_log_event(rows.log, block->arrival + i, &event));
        lia_span parts[] = {LIA_SPAN_OF(hash), event};
        hash = lia_hash_of("image", parts, 2);
    }
    lia_span parts[] = {LIA_SPAN_OF(hash), LIA_SPAN_OF(block->before), LIA_SPAN_OF(block->hash),
                        LIA_SPAN_OF(block->signature)};
    hash = lia_hash_of("image", parts, 4);
    lia_node_read_end(r->nodes[at], &rows);
    return hash;
}

static bool is_level(rig *r, size_t count)
{
    for (size_t i = 1; i <= count; i++) {
        lia_sync_lane_status lanes[16];
        size_t lane_count = lia_node_lanes(r->nodes[i], lanes, 16);
        if (lane_count < 1) return false;
        for (size_t k = 0; k < lane_count; k++)
            if (lanes[k].head < lanes[k].target) return false;
    }
    return rig_same_digests(r, 1, 2);
}

typedef enum part { BODY, HEADER, SIGNATURE, CHAIN, PARTS } part;

/* Writes customers at nodes 1 and 2; *at is where the marked one is. */
static void write_some(rig *r, size_t author, lia_position *at, const char *mark)
{
    for (int i = 0; i < EVENTS; i++) {
        uint8_t bytes[256];
        Crm__Customer customer = CRM__CUSTOMER__INIT;
        customer.name = i == EVENTS / 2 ? mark : "Ben";
        lia_command command = {.type = LIA_COMMAND_CREATE,
                               .kind = lia_kind_find(LIA_CUSTOMER),
                               .request = rig_pack(&customer, bytes, sizeof bytes)};
        CHECK_OK(rig_do(r, author, &command));
        if (i == EVENTS / 2) *at = command.position;
    }
}

/* Spoils the marked event on node 1's disk. */
static void spoil(rig *r, part what, const char *mark, const lia_block *block)
{
    lia_span text = lia_span_text(mark);
    unsigned flipped = 0;
    switch (what) {
    case BODY:
        flipped = flip_behind(r, "sales", text, 3);
        break;
    case HEADER: { /* its hlc or seq: some bytes before the body's salt; found by the block's first
                      event */
        uint8_t *bytes;
        size_t size;
        FILE *file = open_log(r, "sales", &bytes, &size);
        for (size_t at = 0; at + text.size < size; at++) {
            if (memcmp(bytes + at, text.data, text.size)) continue;
            size_t place = at;
            while (place > at - 400 && !(bytes[place] == 0x0a && bytes[place + 2] == 0x08)) place--;
            CHECK(place > at - 400); /* field 1 of the event, field 1 of the header */
            CHECK(fseek(file, (long)(place + 5), SEEK_SET) == 0);
            fputc(bytes[place + 5] ^ 1, file);
            flipped++;
        }
        CHECK_EQ(fclose(file), 0);
        free(bytes);
        break;
    }
    case SIGNATURE:
        flipped = flip_behind(r, "sales", LIA_SPAN_OF(block->signature), 9);
        break;
    default:
        flipped = flip_behind(r, "sales", LIA_SPAN_OF(block->before), 9);
        break;
    }
    CHECK(flipped > 0);
}

TEST(damage_in_any_part_of_a_block_is_found_named_and_mended_by_a_peer)
{
    static const struct {
        part what;
        size_t author; /* of the block: the own lane, or another's */
        const char *mark;
    } cases[] = {
        {BODY, 1, "Marked Body One"},     {BODY, 2, "Marked Body Two"},
        {HEADER, 1, "Marked Header One"}, {HEADER, 2, "Marked Header Two"},
        {SIGNATURE, 2, "Marked Sign"},    {CHAIN, 2, "Marked Chain"},
    };
    rig r;
    make(&r, 2);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_position at;
        lia_block block;
        write_some(&r, cases[i].author, &at, cases[i].mark);
        RIG_UNTIL(&r, is_level(&r, 2));
        lia_hash whole = hash_of_block(&r, 1, at, &block);
        rig_stop(&r, 1);
        spoil(&r, cases[i].what, cases[i].mark, &block);
        lia_log_set_level(LIA_ERROR + 1);
        start(&r, 1);
        RIG_UNTIL(&r, inspection_of(&r, 1).mended > 0);
        rig_customer(&r, 1, "Ana");
        lia_hash now;
        do {
            uint64_t passes = inspection_of(&r, 1).passes;
            RIG_UNTIL(&r, inspection_of(&r, 1).passes > passes);
            now = hash_of_block(&r, 1, at, &block);
        } while (inspection_of(&r, 1).damaged);
        if (!lia_hash_equal(&now, &whole)) print_error("%s: not the same\n", cases[i].mark);
        CHECK(lia_hash_equal(&now, &whole));
        /* and what the views made of it meanwhile is right again */
        uint64_t passes = audit_of(&r, 1).passes;
        RIG_UNTIL(&r, audit_of(&r, 1).passes > passes + 1 && is_level(&r, 2));
        CHECK_OK(lia_node_health(r.nodes[1], NULL));
        CHECK_EQ(inspection_of(&r, 2).mended, 0);
    }
    rig_end(&r);
}

/* Both have lost it, so it is not mended; it is too old to stay, too. */
TEST(a_damaged_block_does_not_leave_the_log)
{
    rig r;
    lia_position at;
    lia_block block;
    lia_span mark = LIA_SPAN("Marked Old");
    make(&r, 2);
    write_some(&r, 1, &at, "Marked Old");
    RIG_UNTIL(&r, is_level(&r, 2));
    hash_of_block(&r, 1, at, &block);
    rig_stop(&r, 2);
    rig_stop(&r, 1);
    CHECK(flip_behind(&r, "sales", mark, 3) > 0 && flip_behind(&r, "marketing", mark, 3) > 0);
    lia_log_set_level(LIA_ERROR + 1);
    r.log_keep_ms = 1;
    start(&r, 1);
    start(&r, 2);
    lia_origin lane = {at.node, at.incarnation};
    for (size_t i = 1; i <= 2; i++) {
        RIG_UNTIL(&r, lia_node_first(r.nodes[i], lane) >= block.first);
        uint64_t passes = inspection_of(&r, i).passes;
        RIG_UNTIL(&r, inspection_of(&r, i).passes > passes + 2);
        CHECK_EQ(lia_node_first(r.nodes[i], lane), block.first);
        CHECK_EQ(inspection_of(&r, i).damaged, 1);
        CHECK_OK(lia_node_health(r.nodes[i], NULL));
    }
    rig_end(&r);
}

TEST(without_a_peer_damage_stays_an_alarm_and_is_mended_when_one_comes)
{
    rig r;
    lia_position at;
    lia_block block;
    make(&r, 2);
    write_some(&r, 1, &at, "Marked Alone");
    RIG_UNTIL(&r, is_level(&r, 2));
    lia_hash whole = hash_of_block(&r, 1, at, &block);
    rig_stop(&r, 2);
    rig_stop(&r, 1);
    spoil(&r, BODY, "Marked Alone", &block);
    lia_log_set_level(LIA_ERROR + 1);
    start(&r, 1);
    RIG_UNTIL(&r, inspection_of(&r, 1).damaged == 1 && inspection_of(&r, 1).passes > 2);
    CHECK_EQ(inspection_of(&r, 1).first[0].seq, block.first);
    CHECK_EQ(inspection_of(&r, 1).first[0].origin.node, 1);
    RIG_UNTIL(&r, audit_of(&r, 1).failures > 0); /* a damaged log is no judge of the views */
    CHECK_EQ(audit_of(&r, 1).rows_repaired, 0);
    rig_customer(&r, 1, "Ana"); /* nothing else stops */
    CHECK_OK(lia_node_health(r.nodes[1], NULL));
    start(&r, 2);
    RIG_UNTIL(&r, inspection_of(&r, 1).mended == 1 && inspection_of(&r, 1).damaged == 0);
    uint64_t passes = inspection_of(&r, 1).passes;
    RIG_UNTIL(&r, inspection_of(&r, 1).passes > passes + 1);
    lia_hash now = hash_of_block(&r, 1, at, &block);
    CHECK(lia_hash_equal(&now, &whole));
    CHECK_EQ(inspection_of(&r, 1).damaged, 0);
    rig_end(&r);
}
