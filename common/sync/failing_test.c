/* SPDX-License-Identifier: Apache-2.0 */
/* Memory ends while the machine is opened, takes a list or learns who was erased. Frames are packed
 * and unpacked in memory that it has from the beginning. */
#include "common/sync/desk_peer.h"
#include "common/sync/ledger.h"
#include "tests/support/failing.h"

static lia_sync_members first_members(lia_sync_member *room, size_t count)
{
    desk_make_keys();
    for (uint16_t i = 0; i < count; i++)
        room[i] = (lia_sync_member){(uint16_t)(i + 1), desk_checks[i + 1]};
    return (lia_sync_members){
        .epoch = count, .members = room, .member_count = count, .list = LIA_SPAN("a list")};
}

static lia_err open_and_close(void *context)
{
    lia_sync_member room[DESK_NODES];
    lia_sync *sync;
    lia_sync_options options = {.node = 1,
                                .incarnation = 7,
                                .boot = 77,
                                .members = first_members(room, DESK_NODES),
                                .ops = &desk_ops,
                                .context = context};
    lia_err err = lia_sync_open(&sync, &options);
    CHECK(!err == (sync != NULL));
    lia_sync_close(sync);
    return err;
}

TEST(a_machine_without_memory_does_not_open_and_opens_later)
{
    CHECK(lia_failing_each(open_and_close, NULL, LIA_FAIL_HEAP) >= DESK_NODES + 2);
}

static size_t peers_of(const desk *on)
{
    lia_sync_peer_status peers[DESK_NODES];
    return lia_sync_peers(on->sync, peers, DESK_NODES);
}

/* Two members become all; a list that is refused leaves the two. */
static lia_err grow(void *context)
{
    desk *on = context;
    lia_sync_member room[DESK_NODES];
    lia_sync_members two = first_members(room, 2);
    lia_err err = lia_sync_set_members(on->sync, &two);
    if (err) return err;
    CHECK_EQ(peers_of(on), 1);
    lia_sync_members all = first_members(room, DESK_NODES);
    err = lia_sync_set_members(on->sync, &all);
    CHECK_EQ(peers_of(on), err ? 1 : DESK_NODES - 1);
    return err;
}

TEST(a_list_without_memory_changes_nothing_and_is_taken_later)
{
    desk *on = desk_open(0);
    desk_tick(on, 0);
    CHECK(lia_failing_each(grow, on, LIA_FAIL_HEAP) >= DESK_NODES);
    desk_welcome(on, 2, 5, NULL); /* and goes on */
    desk_close(on);
}

TEST(who_was_erased_without_memory_is_said_to_be_unknown_and_is_taken_later)
{
    desk *on = desk_open(0);
    size_t refused = 0;
    for (unsigned i = 1; i <= 300; i++) {
        lia_id id = {{(uint8_t)i, (uint8_t)(i >> 8), 1}};
        lia_failing_arm(LIA_FAIL_HEAP, 1);
        lia_err err = lia_sync_erased(on->sync, id);
        CHECK(lia_failing_disarm() == (err == LIA_EFULL));
        CHECK(lia_sync_is_erased(on->sync, id) == !err);
        refused += err != LIA_OK;
        if (err) CHECK_OK(lia_sync_erased(on->sync, id));
        CHECK(lia_sync_is_erased(on->sync, id));
    }
    CHECK(refused > 2);
    desk_close(on);
}

/* What is kept beside the store: all of it is read, or it is said that it was not. */
static lia_err read_ledger(void *context)
{
    const lia_span *file = context;
    lia_id cluster = {{1}};
    lia_ledger ledger = {0};
    lia_why why = {{0}};
    lia_err err = lia_ledger_parse(&ledger, cluster, *file, &why);
    CHECK(err ? why.text[0] != 0 : ledger.sum.count == 500);
    CHECK(!err || err == LIA_EFULL);
    lia_ledger_fini(&ledger);
    return err;
}

TEST(a_ledger_without_memory_is_not_taken_for_a_shorter_one)
{
    lia_arena arena;
    lia_ledger ledger = {0};
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_buf out = lia_buf_make(&arena);
    for (unsigned i = 0; i < 500; i++)
        CHECK_OK(lia_ledger_add(&ledger, (lia_id){{2, (uint8_t)i, (uint8_t)(i >> 8)}}));
    lia_ledger_print(&ledger, (lia_id){{1}}, &out);
    lia_span file = lia_buf_get(&out);
    CHECK(lia_failing_each(read_ledger, &file, LIA_FAIL_HEAP | LIA_FAIL_ARENA) > 2);
    lia_ledger_fini(&ledger);
    lia_arena_fini(&arena);
}
