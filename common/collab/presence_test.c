/* SPDX-License-Identifier: Apache-2.0 */
/* Who looks at what, at nodes that hear of one another by words that are lost, late, doubled and
 * out of order. */
#include "common/collab/presence.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/limits.h"
#include "common/sync/sync.h"
#include "proto/bus.pb-c.h"
#include "tests/support/test.h"

#define LONG_MS 30000

static lia_id id_of(uint8_t kind, unsigned number)
{
    lia_id id = {{kind, 1}};
    id.bytes[14] = (uint8_t)(number >> 8);
    id.bytes[15] = (uint8_t)number;
    return id;
}

static lia_look look_of(unsigned user, unsigned record, int64_t until_ms)
{
    return (lia_look){.place = {1, id_of('r', record)},
                      .user = id_of('u', user),
                      .named = id_of('n', record),
                      .until_ms = until_ms};
}

static lia_presence *open_one(void)
{
    lia_presence *presence;
    CHECK_OK(lia_presence_open(&presence));
    return presence;
}

static void look(lia_presence *at, unsigned user, unsigned record, int64_t now_ms)
{
    lia_look is = look_of(user, record, now_ms + LONG_MS);
    CHECK_OK(lia_presence_look(at, &is, now_ms));
}

/* Says all that is to be said from one to the other; how many words. */
static size_t tell(lia_presence *from, lia_presence *to, uint16_t name, int64_t now_ms)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    size_t words = 0;
    for (;; words++) {
        lia_arena_reset(&arena);
        lia_buf out = lia_buf_make(&arena);
        lia_span word = lia_presence_word(from, now_ms, &out);
        if (!word.size) return words;
        CHECK(word.size <= LIA_SYNC_WORD_MAX);
        if (to) lia_presence_hear(to, name, word, now_ms);
    }
}

static size_t lookers(const lia_presence *at, unsigned record, int64_t now_ms, lia_looker *out)
{
    static lia_looker unused[256];
    lia_spot place = {1, id_of('r', record)};
    return lia_presence_at(at, &place, now_ms, out ? out : unused, 256);
}

static size_t count_changed(lia_presence *at)
{
    lia_spot place;
    size_t count = 0;
    while (lia_presence_changed(at, &place)) count++;
    return count;
}

TEST(who_looks_here_is_seen_at_another_node_and_no_more_once_they_leave)
{
    lia_presence *a = open_one(), *b = open_one();
    lia_looker who[256];
    lia_spot place = {1, id_of('r', 1)};
    look(a, 1, 1, 1000);
    CHECK_EQ(tell(a, b, 1, 1500), 1);
    CHECK_EQ(tell(a, b, 1, 1500), 0);
    CHECK_EQ(count_changed(b), 1);
    CHECK_EQ(lookers(b, 1, 1500, who), 1);
    CHECK_EQ(lookers(b, 2, 1500, NULL), 0);
    CHECK(lia_id_equal(who[0].user, id_of('u', 1)));
    CHECK_EQ(who[0].since_ms, 1000);

    /* Looking on is no news, editing is. */
    look(a, 1, 1, 9000);
    CHECK_EQ(tell(a, b, 1, 9000), 0);
    lia_look edits = look_of(1, 1, 9000 + LONG_MS);
    edits.field = 7;
    CHECK_OK(lia_presence_look(a, &edits, 9000));
    CHECK_EQ(tell(a, b, 1, 9000), 1);
    CHECK_EQ(count_changed(b), 1);
    CHECK_EQ(lookers(b, 1, 9000, who), 1);
    CHECK_EQ(who[0].field, 7);
    CHECK_EQ(who[0].since_ms, 1000);

    lia_presence_leave(a, &place, id_of('u', 1));
    CHECK_EQ(lookers(a, 1, 9000, NULL), 0);
    CHECK_EQ(tell(a, b, 1, 9000), 1);
    CHECK_EQ(lookers(b, 1, 9000, NULL), 0);
    CHECK_EQ(lia_presence_count(a) + lia_presence_count(b), 0);
    lia_presence_close(a);
    lia_presence_close(b);
}

TEST(who_hides_is_told_to_nobody_and_who_begins_to_hide_is_gone)
{
    lia_presence *a = open_one(), *b = open_one();
    lia_spot place = {1, id_of('r', 1)};
    lia_look is = look_of(1, 1, LONG_MS);
    is.hidden = true;
    CHECK_OK(lia_presence_look(a, &is, 0));
    CHECK_EQ(tell(a, b, 1, 0), 0);
    lia_presence_tick(a, LIA_PRESENCE_BEAT_MS);
    CHECK_EQ(tell(a, b, 1, LIA_PRESENCE_BEAT_MS), 0);
    CHECK_EQ(lookers(a, 1, 0, NULL), 0);
    CHECK(lia_id_equal(lia_presence_named(a, &place, is.user, 0),
                       is.named)); /* they hear of others */
    CHECK_EQ(count_changed(a), 0);

    is.hidden = false;
    CHECK_OK(lia_presence_look(a, &is, 1));
    tell(a, b, 1, 1);
    CHECK_EQ(lookers(b, 1, 1, NULL), 1);
    is.hidden = true;
    CHECK_OK(lia_presence_look(a, &is, 2));
    CHECK_EQ(lookers(a, 1, 2, NULL), 0);
    tell(a, b, 1, 2);
    CHECK_EQ(lookers(b, 1, 2, NULL), 0);
    CHECK_EQ(lia_presence_count(b), 0);
    lia_presence_close(a);
    lia_presence_close(b);
}

TEST(what_is_not_said_again_ends_by_itself_here_and_elsewhere)
{
    lia_presence *a = open_one(), *b = open_one();
    look(a, 1, 1, 0);
    tell(a, b, 1, 0);
    CHECK_EQ(lookers(a, 1, LONG_MS, NULL), 0); /* also before anybody sweeps */
    CHECK_EQ(lookers(b, 1, LIA_PRESENCE_PEER_MS - 1, NULL), 1);
    CHECK_EQ(lookers(b, 1, LIA_PRESENCE_PEER_MS, NULL), 0);
    count_changed(b);
    CHECK(lia_presence_tick(a, LONG_MS));
    CHECK(!lia_presence_tick(b, LONG_MS));
    tell(a, NULL, 1, LONG_MS);
    CHECK(!lia_presence_tick(a, LONG_MS));
    CHECK_EQ(lia_presence_count(a) + lia_presence_count(b), 0);
    lia_presence_close(a);
    lia_presence_close(b);
}

/* A browser that says so each five seconds must not flicker at nodes that are told each ten. */
TEST(whoever_goes_on_looking_is_there_all_the_while)
{
    lia_presence *a = open_one(), *b = open_one();
    for (int64_t now_ms = 0; now_ms < 120000; now_ms += LIA_PRESENCE_TICK_MS) {
        lia_look is = look_of(1, 1, now_ms + LIA_PRESENCE_MS_MIN);
        if (now_ms % (LIA_PRESENCE_MS_MIN - 1000) == 0) CHECK_OK(lia_presence_look(a, &is, now_ms));
        lia_presence_tick(a, now_ms);
        lia_presence_tick(b, now_ms);
        tell(a, b, 1, now_ms);
        CHECK_EQ(lookers(b, 1, now_ms, NULL), 1);
        CHECK_EQ(count_changed(b), now_ms == 0);
    }
    lia_presence_close(a);
    lia_presence_close(b);
}

TEST(a_person_at_two_nodes_and_in_many_tabs_is_one_person)
{
    lia_presence *a = open_one(), *b = open_one();
    lia_looker who[256];
    look(a, 1, 1, 5);
    look(b, 1, 1, 2);
    look(b, 2, 1, 3);
    tell(b, a, 2, 5);
    CHECK_EQ(lookers(a, 1, 5, who), 2);
    CHECK(lia_id_equal(who[0].user, id_of('u', 1)));
    CHECK_EQ(who[0].since_ms, 2);

    /* Of too many tabs the one that runs out first is given up. */
    for (unsigned i = 0; i < 2 * LIA_PRESENCE_USER_MAX; i++) look(a, 3, 100 + i, 10 + i);
    lia_spot places[LIA_PRESENCE_USER_MAX + 1];
    CHECK_EQ(lia_presence_places(a, id_of('u', 3), 100, places, LIA_COUNT(places)),
             LIA_PRESENCE_USER_MAX);
    CHECK_EQ(lookers(a, 100, 100, NULL), 0);
    CHECK_EQ(lookers(a, 100 + 2 * LIA_PRESENCE_USER_MAX - 1, 100, NULL), 1);
    lia_presence_close(a);
    lia_presence_close(b);
}

TEST(a_node_takes_so_many_and_says_that_there_are_too_many)
{
    lia_presence *a = open_one(), *b = open_one();
    for (unsigned i = 0; i < LIA_PRESENCE_NODE_MAX; i++) look(a, i, i, 0);
    lia_look one_more = look_of(LIA_PRESENCE_NODE_MAX, 1, LONG_MS);
    CHECK_ERR(lia_presence_look(a, &one_more, 0), LIA_EFULL);
    look(a, 1, 1, 5); /* who is in stays in */
    CHECK_EQ(tell(a, b, 1, 5),
             (LIA_PRESENCE_NODE_MAX + LIA_PRESENCE_WORD_LOOKS - 1) / LIA_PRESENCE_WORD_LOOKS);
    CHECK_EQ(lia_presence_count(b), LIA_PRESENCE_NODE_MAX);
    lia_presence_close(a);
    lia_presence_close(b);
}

/* ---- peers that lie ---------------------------------------------------------------------------
 */

static lia_span word_of(lia_arena *arena, const Bus__Looker *said)
{
    Bus__Looker *list[] = {(Bus__Looker *)said};
    Bus__Presence message = BUS__PRESENCE__INIT;
    message.lookers = list;
    message.n_lookers = 1;
    uint8_t *bytes = lia_arena_take(arena, bus__presence__get_packed_size(&message));
    CHECK(bytes != NULL);
    return lia_span_make(bytes, bus__presence__pack(&message, bytes));
}

TEST(a_peer_that_says_anything_occupies_its_own_part_and_crowds_nobody_out)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_presence *a = open_one();
    lia_looker who[2];
    look(a, 1, 7, 0);
    int64_t now_ms = 0;
    for (unsigned i = 0; i < 20000; i++) {
        lia_id user = id_of('x', i), record = id_of('r', i % 3 ? 7 : i);
        lia_arena_reset(&arena);
        Bus__Looker said = BUS__LOOKER__INIT;
        said.has_user = said.has_record = said.has_kind = said.has_still_ms = said.has_for_ms =
            true;
        said.user = (ProtobufCBinaryData){LIA_ID_SIZE, user.bytes};
        said.record = (ProtobufCBinaryData){LIA_ID_SIZE, record.bytes};
        said.kind = 1;
        said.still_ms = UINT32_MAX; /* for ever, and since ever */
        said.for_ms = UINT32_MAX;
        lia_presence_hear(a, (uint16_t)(2 + i % 2), word_of(&arena, &said), now_ms += 20);
    }
    CHECK(lia_presence_count(a) <= 1 + 2 * LIA_PRESENCE_NODE_MAX);
    CHECK(lookers(a, 7, 1, NULL) <= 1 + 2 * LIA_PRESENCE_PLACE_MAX);
    lia_spot place = {1, id_of('r', 7)};
    CHECK_EQ(lia_presence_at(a, &place, 1, who, 1), 1); /* room for one: the one who is here */
    CHECK(lia_id_equal(who[0].user, id_of('u', 1)));

    lia_presence_tick(a, now_ms + LIA_PRESENCE_PEER_MS); /* what it said last is no longer true */
    tell(a, NULL, 1, now_ms);
    CHECK_EQ(lia_presence_count(a), 0);
    lia_presence_close(a);
    lia_arena_fini(&arena);
}

TEST(malformed_words_and_floods_of_words_say_nothing)
{
    static const uint8_t cut[] = {0x0a, 0x7f, 0x0a};
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_presence *a = open_one();
    lia_id id = id_of('u', 1);
    lia_presence_hear(a, 2, LIA_SPAN_OF(cut), 0);
    for (unsigned wrong = 0; wrong < 4; wrong++) {
        Bus__Looker said = BUS__LOOKER__INIT;
        said.has_user = said.has_record = said.has_kind = said.has_still_ms = true;
        said.user = (ProtobufCBinaryData){wrong == 0 ? 15 : LIA_ID_SIZE, id.bytes};
        said.record = (ProtobufCBinaryData){wrong == 1 ? 0 : LIA_ID_SIZE, id.bytes};
        said.kind = wrong == 2 ? 65536 : wrong == 3 ? 0 : 1;
        said.still_ms = 1000;
        lia_presence_hear(a, 2, word_of(&arena, &said), 0);
    }
    CHECK_EQ(lia_presence_count(a), 0);

    /* At one moment a few words count. */
    for (unsigned i = 0; i < 1000; i++) {
        lia_id user = id_of('x', i), record = id_of('y', i);
        Bus__Looker said = BUS__LOOKER__INIT;
        said.has_user = said.has_record = said.has_kind = said.has_still_ms = true;
        said.user = (ProtobufCBinaryData){LIA_ID_SIZE, user.bytes};
        said.record = (ProtobufCBinaryData){LIA_ID_SIZE, record.bytes};
        said.kind = 1;
        said.still_ms = 1000;
        lia_presence_hear(a, 2, word_of(&arena, &said), 0);
    }
    CHECK(lia_presence_count(a) >= 32 && lia_presence_count(a) <= 64);
    lia_presence_hear(a, 0, LIA_SPAN_OF(cut), 0); /* nobody */
    lia_presence_close(a);
    lia_arena_fini(&arena);
}

/* ---- a bad network ----------------------------------------------------------------------------
 */

enum { NODES = 4, USERS = 6, RECORDS = 3, AIR = 64, LATE_MS = 1300 };

typedef struct flight {
    uint16_t from, to;
    int64_t at_ms;
    size_t size;
    uint8_t bytes[LIA_SYNC_WORD_MAX];
} flight;

typedef struct world {
    lia_presence *nodes[NODES];
    flight *air;
    size_t flying;
    int64_t until_ms[NODES][USERS][RECORDS]; /* when each look ends by itself or ended */
    uint64_t dice;
    int64_t now_ms;
    bool bad;
} world;

static unsigned roll(world *w, unsigned sides)
{
    w->dice = w->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(w->dice >> 33) % sides;
}

/* Some are lost, some come twice, and all take another time. */
static void fly(world *w, uint16_t from, lia_span word)
{
    for (uint16_t to = 0; to < NODES; to++) {
        unsigned times = !w->bad ? 1 : roll(w, 10) < 4 ? 0 : 1 + (roll(w, 10) == 0);
        for (; to != from && times && w->flying < AIR; times--) {
            flight *f = &w->air[w->flying++];
            *f = (flight){.from = from,
                          .to = to,
                          .at_ms = w->now_ms + (w->bad ? roll(w, 2000) : 1),
                          .size = word.size};
            memcpy(f->bytes, word.data, word.size);
        }
    }
}

static void land(world *w)
{
    for (size_t i = 0; i < w->flying;) {
        flight *f = &w->air[i];
        if (f->at_ms > w->now_ms) {
            i++;
            continue;
        }
        lia_presence_hear(w->nodes[f->to], (uint16_t)(f->from + 1),
                          lia_span_make(f->bytes, f->size), w->now_ms);
        *f = w->air[--w->flying];
    }
}

static void act(world *w)
{
    unsigned node = roll(w, NODES), user = roll(w, USERS), record = roll(w, RECORDS);
    lia_look is = look_of(user, record, w->now_ms + LIA_PRESENCE_MS_MIN + roll(w, 55000));
    is.field = roll(w, 3);
    if (roll(w, 3)) {
        CHECK_OK(lia_presence_look(w->nodes[node], &is, w->now_ms));
        w->until_ms[node][user][record] = is.until_ms;
    } else {
        lia_presence_leave(w->nodes[node], &is.place, is.user);
        if (w->until_ms[node][user][record] > w->now_ms)
            w->until_ms[node][user][record] = w->now_ms;
    }
}

static void step(world *w, lia_arena *arena)
{
    w->now_ms += LIA_PRESENCE_TICK_MS;
    land(w);
    for (uint16_t i = 0; i < NODES; i++) {
        lia_presence_tick(w->nodes[i], w->now_ms);
        for (;;) {
            lia_arena_reset(arena);
            lia_buf out = lia_buf_make(arena);
            lia_span word = lia_presence_word(w->nodes[i], w->now_ms, &out);
            if (!word.size) break;
            fly(w, i, word);
        }
        count_changed(w->nodes[i]);
    }
}

/* Whether that person looks at it anywhere, or did until so long ago. */
static bool looked(const world *w, unsigned user, unsigned record, int64_t ago_ms)
{
    for (unsigned node = 0; node < NODES; node++)
        if (w->until_ms[node][user][record] + ago_ms > w->now_ms) return true;
    return false;
}

/* `grace_ms`: for so long somebody who has left may still be shown. */
static void check_shown(const world *w, int64_t grace_ms, bool all)
{
    lia_looker who[USERS];
    for (unsigned node = 0; node < NODES; node++)
        for (unsigned record = 0; record < RECORDS; record++) {
            lia_spot place = {1, id_of('r', record)};
            size_t count = lia_presence_at(w->nodes[node], &place, w->now_ms, who, USERS);
            bool shown[USERS] = {false};
            for (size_t i = 0; i < count; i++) {
                unsigned user = who[i].user.bytes[15];
                CHECK(!shown[user] && looked(w, user, record, grace_ms));
                shown[user] = true;
            }
            for (unsigned user = 0; all && user < USERS; user++)
                CHECK_EQ(shown[user], looked(w, user, record, 0));
        }
}

TEST(nodes_agree_on_who_is_there_once_the_network_is_well_and_never_show_the_long_gone)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    for (uint64_t seed = 1; seed <= 20; seed++) {
        world w = {.dice = seed, .bad = true};
        w.air = calloc(AIR, sizeof *w.air);
        for (size_t i = 0; i < NODES; i++) w.nodes[i] = open_one();
        for (unsigned i = 0; i < 1200; i++) {
            if (roll(&w, 8) == 0) act(&w);
            step(&w, &arena);
            check_shown(&w, LIA_PRESENCE_PEER_MS + 2000, false);
        }
        w.bad = false;
        for (unsigned i = 0; i < LIA_PRESENCE_PEER_MS / LIA_PRESENCE_TICK_MS + 30; i++) {
            if (i < 10) act(&w);
            step(&w, &arena);
        }
        /* By now all that was said wrongly has ended; what ends right now is found by the next
         * sweep. */
        check_shown(&w, LATE_MS, false);
        for (unsigned user = 0; user < USERS; user++)
            for (unsigned node = 0; node < NODES; node++) {
                lia_look is = look_of(user, node % RECORDS, w.now_ms + LONG_MS);
                CHECK_OK(lia_presence_look(w.nodes[node], &is, w.now_ms));
                w.until_ms[node][user][node % RECORDS] = is.until_ms;
            }
        for (unsigned i = 0; i < 20; i++) step(&w, &arena);
        check_shown(&w, LATE_MS, true);
        for (unsigned i = 0; i < LIA_PRESENCE_MS_MAX / LIA_PRESENCE_TICK_MS + 20; i++)
            step(&w, &arena);
        for (size_t i = 0; i < NODES; i++) {
            CHECK_EQ(lia_presence_count(w.nodes[i]), 0);
            lia_presence_close(w.nodes[i]);
        }
        free(w.air);
    }
    lia_arena_fini(&arena);
}
