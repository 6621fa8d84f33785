/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus/join.h"
#include "tests/support/test.h"

typedef struct rig {
    lia_sign_key admin;
    lia_verify_key admin_public;
    lia_members members;
    lia_join_code code;
    lia_member asks;
    uint8_t ask[LIA_JOIN_ASK_SIZE], list[LIA_SIGNED_BYTES_MAX], answer[LIA_JOIN_ANSWER_MAX];
    size_t list_size, answer_size;
} rig;

/* A cluster into which number 1 was taken. */
static void setup(rig *r)
{
    memset(r, 0, sizeof *r);
    CHECK_OK(lia_crypto_init());
    lia_sign_keys(&r->admin_public, &r->admin);
    r->members.cluster = lia_id_make(1000);
    r->members.epoch = 2;
    lia_join_code_make(&r->code, r->members.cluster, &r->admin_public);
    lia_node_keys keys;
    lia_node_keys_make(&keys);
    memcpy(r->asks.curve_key, keys.curve_public, sizeof r->asks.curve_key);
    r->asks.verify_key = keys.verify;
    strcpy(r->asks.http, "127.0.0.1:1");
    strcpy(r->asks.bus, "127.0.0.1:2");
    lia_join_ask_write(r->ask, &r->code, &r->asks);
    r->members.list[0] = r->asks;
    r->members.list[0].number = 1;
    r->members.list[0].department = 1;
    strcpy(r->members.list[0].name, "sales");
    r->members.count = 1;
    CHECK_OK(lia_members_sign(&r->members, &r->admin, r->list, &r->list_size, NULL));
    r->answer_size = lia_join_answer_write(r->answer, &r->code, LIA_SPAN_OF(r->ask), 1,
                                           &r->admin_public, lia_span_make(r->list, r->list_size));
}

static lia_err read_answer(const rig *r, const lia_join_code *code, lia_span bytes, lia_why *why)
{
    static lia_members members;
    const lia_member *self;
    lia_verify_key admin;
    lia_span list;
    lia_err err =
        lia_join_answer_read(&members, &self, &admin, &list, code, LIA_SPAN_OF(r->ask), bytes, why);
    if (!err) CHECK_TEXT(self->name, "sales");
    return err;
}

TEST(both_sides_understand_one_another)
{
    static rig r;
    lia_member member;
    setup(&r);
    CHECK_OK(lia_join_ask_read(&member, &r.code, LIA_SPAN_OF(r.ask)));
    CHECK_TEXT(member.bus, "127.0.0.1:2");
    CHECK_OK(read_answer(&r, &r.code, lia_span_make(r.answer, r.answer_size), NULL));
}

TEST(a_digit_that_is_another_one_is_noticed)
{
    static rig r;
    lia_join_code code;
    char text[LIA_JOIN_CODE_TEXT_SIZE];
    unsigned missed = 0;
    setup(&r);
    lia_join_code_print(&r.code, text);
    CHECK_OK(lia_join_code_parse(&code, lia_span_text(text), NULL));
    CHECK(memcmp(&code, &r.code, sizeof code) == 0);
    for (size_t i = 5; text[i]; i++) {
        lia_why why = {{0}};
        char kept = text[i];
        text[i] = kept == '0' ? '1' : '0';
        if (lia_join_code_parse(&code, lia_span_text(text), &why))
            CHECK(strstr(why.text, "copied"));
        else
            missed++;
        text[i] = kept;
    }
    CHECK(missed <= 1); /* one in 65,536 is */
    for (size_t size = 0; size + 1 < sizeof text; size++)
        CHECK_ERR(lia_join_code_parse(&code, lia_span_make(text, size), NULL), LIA_EINVAL);
}

TEST(nobody_between_the_two_can_change_a_bit)
{
    static rig r;
    lia_member member;
    setup(&r);
    for (size_t i = 0; i < sizeof r.ask; i++) {
        r.ask[i] ^= 4;
        CHECK_ERR(lia_join_ask_read(&member, &r.code, LIA_SPAN_OF(r.ask)), LIA_EDENIED);
        /* Nor is the answer one to another question. */
        CHECK_ERR(read_answer(&r, &r.code, lia_span_make(r.answer, r.answer_size), NULL),
                  LIA_EDENIED);
        r.ask[i] ^= 4;
    }
    for (size_t i = 0; i < r.answer_size; i++) {
        lia_why why = {{0}};
        r.answer[i] ^= 4;
        CHECK_ERR(read_answer(&r, &r.code, lia_span_make(r.answer, r.answer_size), &why),
                  LIA_EDENIED);
        CHECK(why.text[0]);
        CHECK_ERR(read_answer(&r, &r.code, lia_span_make(r.answer, i), NULL), LIA_EDENIED);
        r.answer[i] ^= 4;
    }
}

TEST(whoever_learns_the_secret_still_cannot_make_another_cluster_of_it)
{
    static rig r;
    lia_why why = {{0}};
    lia_sign_key other;
    lia_verify_key other_public;
    setup(&r);
    lia_sign_keys(&other_public, &other);
    CHECK_OK(lia_members_sign(&r.members, &other, r.list, &r.list_size, NULL));
    r.answer_size = lia_join_answer_write(r.answer, &r.code, LIA_SPAN_OF(r.ask), 1, &other_public,
                                          lia_span_make(r.list, r.list_size));
    CHECK_ERR(read_answer(&r, &r.code, lia_span_make(r.answer, r.answer_size), &why), LIA_EDENIED);
    CHECK(strstr(why.text, "another cluster"));
}

TEST(a_list_with_other_keys_for_this_node_is_refused)
{
    static rig r;
    lia_why why = {{0}};
    setup(&r);
    r.members.list[0].curve_key[0] ^= 1;
    CHECK_OK(lia_members_sign(&r.members, &r.admin, r.list, &r.list_size, NULL));
    r.answer_size = lia_join_answer_write(r.answer, &r.code, LIA_SPAN_OF(r.ask), 1, &r.admin_public,
                                          lia_span_make(r.list, r.list_size));
    CHECK_ERR(read_answer(&r, &r.code, lia_span_make(r.answer, r.answer_size), &why), LIA_EDENIED);
    CHECK(strstr(why.text, "keys"));
}
