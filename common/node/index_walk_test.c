/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds a value is found by it alone: all of them, by their ids, and nobody else. */
#include "common/node/index_walk.h"

#include "common/node/fold_rig.h"

static const lia_id north = {"the-north-team.."}, south = {"the-south-team.."};

static lia_id id_of(char letter)
{
    lia_id id = {"a-record-...... "};
    id.bytes[LIA_ID_SIZE - 1] = (uint8_t)letter;
    return id;
}

static void put(fold *f, uint32_t number, const char *name, lia_span payload, char letter)
{
    const lia_field *field = lia_field_by_name(lia_kind_find(number)->message, lia_span_text(name));
    lia_key key = lia_key_index(number, field, payload, id_of(letter));
    CHECK_OK(lia_views_put(f->views, lia_key_span(&key), LIA_SPAN_NONE));
}

static void put_number(fold *f, uint64_t number, char letter)
{
    uint8_t bytes[10];
    put(f, LIA_USER, "number", lia_span_make(bytes, lia_varint_put(bytes, number)), letter);
}

/* The letters of all that follow, and the walk's end. */
static const char *rest(lia_index_walk *walk)
{
    static char text[16];
    size_t count = 0;
    lia_id id;
    while (lia_index_walk_next(walk, &id)) {
        CHECK(count + 1 < sizeof text);
        text[count++] = (char)id.bytes[LIA_ID_SIZE - 1];
    }
    text[count] = 0;
    CHECK_OK(lia_index_walk_close(walk, LIA_OK));
    return text;
}

TEST(all_that_have_a_value_are_found_in_the_order_of_their_ids)
{
    fold f;
    lia_index_walk walk;
    fold_open(&f);
    const lia_rows *rows = &f.applier.rows;
    put(&f, LIA_USER, "team", lia_id_span(&south), 'b');
    put(&f, LIA_USER, "team", lia_id_span(&north), 'c');
    put(&f, LIA_USER, "team", lia_id_span(&north), 'a');
    put(&f, LIA_TEAM, "parent", lia_id_span(&north), 'd');
    put(&f, LIA_USER, "email", LIA_SPAN("ana@example.com"), 'e');
    put(&f, LIA_USER, "email", LIA_SPAN("ana@example.com.au"), 'f');
    CHECK_OK(lia_index_walk_of(&walk, rows, LIA_USER, "team", lia_id_span(&north)));
    CHECK_TEXT(rest(&walk), "ac");
    CHECK_OK(lia_index_walk_of(&walk, rows, LIA_USER, "team", lia_id_span(&south)));
    CHECK_TEXT(rest(&walk), "b");
    CHECK_OK(lia_index_walk_of(&walk, rows, LIA_TEAM, "parent", lia_id_span(&south)));
    CHECK_TEXT(rest(&walk), "");
    CHECK_OK(lia_index_walk_of(&walk, rows, LIA_USER, "email", LIA_SPAN("Ana@Example.com")));
    CHECK_TEXT(rest(&walk), "e"); /* without case, and not who only begins so */
    fold_close(&f);
}

TEST(a_number_is_found_as_a_number)
{
    fold f;
    lia_index_walk walk;
    fold_open(&f);
    put_number(&f, 1, 'a');
    put_number(&f, 256, 'b');
    put_number(&f, UINT32_MAX, 'c');
    static const struct {
        uint64_t number;
        const char *want;
    } cases[] = {{1, "a"}, {256, "b"}, {UINT32_MAX, "c"}, {0, ""}, {2, ""}};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        CHECK_OK(
            lia_index_walk_of_number(&walk, &f.applier.rows, LIA_USER, "number", cases[i].number));
        CHECK_TEXT(rest(&walk), cases[i].want);
    }
    fold_close(&f);
}

TEST(what_its_user_has_met_is_what_closing_returns)
{
    fold f;
    lia_index_walk walk;
    fold_open(&f);
    CHECK_OK(lia_index_walk_of(&walk, &f.applier.rows, LIA_USER, "team", lia_id_span(&north)));
    CHECK_ERR(lia_index_walk_close(&walk, LIA_EREFUSED), LIA_EREFUSED);
    fold_close(&f);
}
