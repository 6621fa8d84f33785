/* SPDX-License-Identifier: Apache-2.0 */
#include "common/sync/ledger.h"

#include <stdlib.h>

#include "common/base/crypto.h"
#include "tests/support/test.h"

static lia_id id_of(uint64_t number)
{
    uint8_t seed[8];
    lia_put_u64(seed, number);
    return lia_id_derive("ledger test", LIA_SPAN_OF(seed));
}

static const lia_id cluster = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

TEST(a_ledger_is_the_same_whatever_came_first_and_twice_is_once)
{
    lia_ledger up = {0}, down = {0};
    for (uint64_t i = 0; i < 1000; i++) CHECK_OK(lia_ledger_add(&up, id_of(i)));
    for (uint64_t i = 1000; i-- > 0;) CHECK_OK(lia_ledger_add(&down, id_of(i)));
    CHECK(lia_ledger_same(&up.sum, &down.sum));
    CHECK_ERR(lia_ledger_add(&up, id_of(500)), LIA_EEXIST);
    CHECK_ERR(lia_ledger_add(&up, LIA_ID_NONE), LIA_EINVAL);
    CHECK(lia_ledger_same(&up.sum, &down.sum));
    CHECK(!lia_ledger_has(&up, id_of(1000)));
    CHECK_OK(lia_ledger_add(&up, id_of(1000)));
    CHECK(!lia_ledger_same(&up.sum, &down.sum));
    lia_id last = LIA_ID_NONE;
    for (size_t i = 0; i < 1001; i++) {
        CHECK(lia_ledger_has(&up, id_of(i)));
        CHECK(memcmp(last.bytes, up.ids[i].bytes, 16) < 0);
        CHECK_EQ(lia_ledger_place(&up, last), i);
        last = up.ids[i];
    }
    CHECK_EQ(lia_ledger_place(&up, last), 1001);
    lia_ledger_fini(&up);
    lia_ledger_fini(&down);
}

/* Two ids whose hashes are swapped between sets, or one that is missing, must show. */
TEST(sets_of_one_size_that_differ_have_other_sums)
{
    lia_ledger a = {0}, b = {0};
    for (uint64_t i = 0; i < 100; i++) {
        CHECK_OK(lia_ledger_add(&a, id_of(i)));
        CHECK_OK(lia_ledger_add(&b, id_of(i + 1)));
    }
    CHECK_EQ(a.sum.count, b.sum.count);
    CHECK(!lia_ledger_same(&a.sum, &b.sum));
    lia_ledger_fini(&a);
    lia_ledger_fini(&b);
}

static lia_span file_of(lia_arena *arena, size_t count)
{
    lia_ledger ledger = {0};
    for (size_t i = 0; i < count; i++) CHECK_OK(lia_ledger_add(&ledger, id_of(i)));
    lia_buf out = lia_buf_make(arena);
    lia_ledger_print(&ledger, cluster, &out);
    CHECK(!out.failed);
    lia_ledger_fini(&ledger);
    return lia_buf_get(&out);
}

TEST(a_file_adds_to_what_is_known)
{
    lia_arena arena;
    lia_why why = {0};
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_ledger known = {0}, all = {0};
    for (size_t i = 0; i < 20; i++) CHECK_OK(lia_ledger_add(&all, id_of(i)));
    CHECK_OK(lia_ledger_add(&known, id_of(3)));
    for (size_t i = 10; i < 20; i++) CHECK_OK(lia_ledger_add(&known, id_of(i)));
    CHECK_OK(lia_ledger_parse(&known, cluster, file_of(&arena, 10), &why));
    CHECK(lia_ledger_same(&known.sum, &all.sum));
    CHECK_OK(lia_ledger_parse(&known, cluster, file_of(&arena, 0), &why));
    CHECK_EQ(known.sum.count, 20);
    lia_ledger_fini(&known);
    lia_ledger_fini(&all);
    lia_arena_fini(&arena);
}

/* A file that lost its tail must never pass for a smaller one: who is missing would come back. */
TEST(a_file_that_was_cut_or_changed_is_refused_wherever_it_was)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_span file = file_of(&arena, 3);
    for (size_t size = 0; size < file.size; size++) {
        lia_ledger read = {0};
        lia_why why = {0};
        CHECK(lia_ledger_parse(&read, cluster, lia_span_make(file.data, size), &why));
        CHECK(why.text[0]);
        lia_ledger_fini(&read);
    }
    for (size_t at = 0; at < file.size; at++) {
        lia_span other = lia_arena_copy(&arena, file);
        ((uint8_t *)other.data)[at] ^= 1;
        lia_ledger read = {0};
        lia_why why = {0};
        CHECK(lia_ledger_parse(&read, cluster, other, &why));
        CHECK(why.text[0]);
        lia_ledger_fini(&read);
    }
    lia_arena_fini(&arena);
}

TEST(what_is_wrong_with_a_file_is_said_with_its_line)
{
    static const struct {
        const char *text;
        lia_err want;
        const char *says;
    } cases[] = {
        {"", LIA_EINVAL, "line 1: this is no file of erasures"},
        {"<html>\n", LIA_EINVAL, "line 1: this is no file of erasures"},
        {"liaison erasures 2 x\n", LIA_EVERSION, "line 1: a newer release"},
        {"liaison erasures 1 x\n", LIA_EINVAL, "line 1: the cluster's id"},
        {"liaison erasures 1 11111111-1111-1111-1111-111111111111\n", LIA_EDENIED,
         "line 1: these are the erasures of another cluster"},
        {"liaison erasures 1 01020304-0506-0708-090a-0b0c0d0e0f10\n", LIA_EINVAL,
         "line 2: the file was cut short"},
        {"liaison erasures 1 01020304-0506-0708-090a-0b0c0d0e0f10\nend 1 0\n", LIA_EINVAL,
         "line 2: its sum"},
        {"liaison erasures 1 01020304-0506-0708-090a-0b0c0d0e0f10\nMei\n", LIA_EINVAL,
         "line 2: the id of a customer"},
        {"liaison erasures 1 01020304-0506-0708-090a-0b0c0d0e0f10\n"
         "22222222-2222-2222-2222-222222222222\n11111111-1111-1111-1111-111111111111\n",
         LIA_EINVAL, "line 3: the id of a customer is wanted, above"},
        {"liaison erasures 1 01020304-0506-0708-090a-0b0c0d0e0f10\n"
         "end 0 00000000000000000000000000000000\nend\n",
         LIA_EINVAL, "line 3: there is something behind the end"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_ledger read = {0};
        lia_why why = {0};
        CHECK_ERR(lia_ledger_parse(&read, cluster, lia_span_text(cases[i].text), &why),
                  cases[i].want);
        CHECK(lia_span_starts(lia_span_text(why.text), lia_span_text(cases[i].says)));
        lia_ledger_fini(&read);
    }
}
