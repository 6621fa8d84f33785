/* SPDX-License-Identifier: Apache-2.0 */
#include "common/backup/part.h"
#include "tests/support/test.h"

typedef struct rig {
    lia_arena arena;
    lia_letter_public public;
    lia_letter_secret secret;
    lia_verify_key verify;
    lia_sign_key sign;
    lia_buf bytes; /* a piece of three parts */
    size_t ends[3];
} rig;

static const char *const texts[] = {"first rows", "", "last rows"};

static void setup(rig *r)
{
    lia_part part = {.origin = {3, 77}, .number = 1, .from = 1, .to = 9, .time = {1000}};
    CHECK_OK(lia_crypto_init());
    CHECK_OK(lia_arena_init(&r->arena, (size_t)64 << 20));
    lia_letter_keys(&r->public, &r->secret);
    lia_sign_keys(&r->verify, &r->sign);
    lia_random(&part.piece, sizeof part.piece);
    part.recipient = r->public;
    r->bytes = lia_buf_make(&r->arena);
    for (unsigned i = 0; i < 3; i++) {
        lia_hash hash;
        part.last = i == 2;
        CHECK_OK(lia_part_write(&r->bytes, &part, lia_span_text(texts[i]), &r->sign, &hash));
        part.before = hash;
        part.number++;
        r->ends[i] = r->bytes.size;
    }
}

/* Reads all as whoever restores it does. */
static lia_err read_all(rig *r, lia_span bytes, const lia_letter_secret *secret, lia_why *why)
{
    lia_part_chain chain = {.at = {.part = {.number = 0}}};
    lia_part_view view;
    lia_err err = LIA_OK;
    size_t mark = lia_arena_mark(&r->arena), part = 0;
    while (!err && bytes.size) {
        lia_buf rows = lia_buf_make(&r->arena);
        err = lia_part_cut(&view, &bytes, why);
        if (!err) err = lia_part_follows(&chain, &view, why);
        if (!err && !lia_part_is_signed(&view, &r->verify)) err = LIA_EDENIED;
        if (!err) err = lia_part_open(&view, secret, &rows);
        if (!err && !lia_span_is(lia_buf_get(&rows), texts[part++ % 3])) err = LIA_EREUSED;
    }
    if (!err && !chain.at.part.last) err = LIA_ECLOSED;
    lia_arena_back(&r->arena, mark);
    return err;
}

TEST(a_piece_is_read_as_it_was_written)
{
    rig r;
    setup(&r);
    CHECK_OK(read_all(&r, lia_buf_get(&r.bytes), &r.secret, NULL));
    lia_arena_fini(&r.arena);
}

TEST(a_bit_that_is_changed_anywhere_is_found_out)
{
    rig r;
    setup(&r);
    for (size_t at = 0; at < r.bytes.size; at++) {
        r.bytes.data[at] ^= (uint8_t)(1 << at % 8);
        lia_err err = read_all(&r, lia_buf_get(&r.bytes), &r.secret, NULL);
        if (!err) print_error("byte %zu\n", at);
        CHECK(err);
        r.bytes.data[at] ^= (uint8_t)(1 << at % 8);
    }
    lia_arena_fini(&r.arena);
}

TEST(a_piece_that_ends_anywhere_else_is_none)
{
    rig r;
    setup(&r);
    for (size_t size = 0; size < r.bytes.size; size++) {
        lia_why why = {{0}};
        lia_err err = read_all(&r, lia_span_make(r.bytes.data, size), &r.secret, &why);
        bool between = size == 0 || size == r.ends[0] || size == r.ends[1];
        CHECK_EQ(err, between ? LIA_ECLOSED : LIA_ECORRUPT);
        CHECK(between || why.text[0]);
    }
    lia_arena_fini(&r.arena);
}

TEST(parts_count_in_their_order_and_once)
{
    rig r, other;
    setup(&r);
    setup(&other);
    const size_t *ends = r.ends;
    const struct {
        size_t from, to;
        const rig *of;
    } part[] = {{0, ends[0], &r},
                {ends[0], ends[1], &r},
                {ends[1], ends[2], &r},
                {ends[0], ends[1], &other}};
    static const int orders[][4] = {{1, 2, 0, -1}, {0, 2, -1},    {0, 0, 1, 2}, {0, 1, 1, 2},
                                    {0, 2, 1, -1}, {0, 3, 2, -1}, {2, -1}};
    for (size_t i = 0; i < LIA_COUNT(orders); i++) {
        lia_why why = {{0}};
        lia_buf all = lia_buf_make(&r.arena);
        for (size_t k = 0; k < 4 && orders[i][k] >= 0; k++)
            lia_buf_add(&all, part[orders[i][k]].of->bytes.data + part[orders[i][k]].from,
                        part[orders[i][k]].to - part[orders[i][k]].from);
        CHECK_ERR(read_all(&r, lia_buf_get(&all), &r.secret, &why), LIA_ECORRUPT);
        CHECK(why.text[0]);
    }
    lia_arena_fini(&r.arena);
    lia_arena_fini(&other.arena);
}

TEST(only_the_key_that_it_was_sealed_for_opens_it)
{
    rig r;
    lia_letter_public public;
    lia_letter_secret secret;
    setup(&r);
    lia_letter_keys(&public, &secret);
    CHECK_ERR(read_all(&r, lia_buf_get(&r.bytes), &secret, NULL), LIA_EDENIED);
    lia_arena_fini(&r.arena);
}

TEST(a_later_version_is_said_to_be_one)
{
    rig r;
    lia_why why = {{0}};
    setup(&r);
    r.bytes.data[7] = '2';
    CHECK_ERR(read_all(&r, lia_buf_get(&r.bytes), &r.secret, &why), LIA_EVERSION);
    CHECK(strstr(why.text, "newer release"));
    lia_arena_fini(&r.arena);
}
