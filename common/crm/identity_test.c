/* SPDX-License-Identifier: Apache-2.0 */
/* Who is one customer at one node: by rules, by what people say, and after both were changed. */
#include "common/crm/identity_rig.h"

/* ---- few records ----------------------------------------------------------------------------- */

TEST(rules_link_what_is_certain_and_people_may_take_it_apart_for_good)
{
    rig r;
    make(&r, 1);
    lia_id one = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    lia_id two = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    lia_id ben = make_person(&r, 1, "Ben Okafor", "ben@okafor.example");
    rest(&r, 1);
    CHECK(are_one(&r, 1, one, two) && !are_one(&r, 1, one, ben));
    CHECK(lia_id_equal(customer_of(&r, 1, two), one));
    check(&r, 1);

    must_say(&r, 1, "unlink", two, one);
    rest(&r, 1);
    CHECK(!are_one(&r, 1, one, two));
    rename_to(&r, 1, one, "Mei  CHEN"); /* compared anew, and still apart */
    rest(&r, 1);
    CHECK(!are_one(&r, 1, one, two));
    check(&r, 1);

    must_say(&r, 1, "link", one, two);
    rest(&r, 1);
    CHECK(are_one(&r, 1, one, two));
    must_say(&r, 1, "link", one, ben);
    rest(&r, 1);
    CHECK(are_one(&r, 1, two, ben));
    must_say(&r, 1, "unlink", two, ben);
    rest(&r, 1);
    CHECK(!are_one(&r, 1, two, ben));
    check(&r, 1);
    rig_end(&r);
}

TEST(a_link_that_only_people_made_is_taken_back_without_a_trace)
{
    rig r;
    make(&r, 1);
    lia_id mei = make_person(&r, 1, "Mei Chen", NULL), ben = make_person(&r, 1, "Ben", NULL);
    must_say(&r, 1, "link", mei, ben);
    must_say(&r, 1, "link", ben, mei); /* said already: no second event */
    rest(&r, 1);
    CHECK(are_one(&r, 1, mei, ben));
    must_say(&r, 1, "unlink", mei, ben);
    rest(&r, 1);
    CHECK(!are_one(&r, 1, mei, ben));
    lia_rows rows;
    lia_tie tie;
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_ERR(lia_identity_tie(&rows, mei, ben, &tie), LIA_EABSENT);
    lia_node_read_end(r.nodes[1], &rows);
    lia_timeline_entry entries[8];
    CHECK_EQ(rig_timeline(&r, 1, mei, entries, 8), 2);
    CHECK_EQ(rig_timeline(&r, 1, ben, entries, 8), 2);
    rig_end(&r);
}

TEST(what_cannot_be_linked_is_told_so)
{
    rig r;
    make(&r, 1);
    lia_command command;
    lia_id mei = make_person(&r, 1, "Mei Chen", NULL), ben = make_person(&r, 1, "Ben", NULL);
    lia_id max = make_person(&r, 1, "Max", NULL);
    CHECK_ERR(say(&r, 1, "link", mei, mei, &command), LIA_EREFUSED);
    CHECK(command.refusal == LIA_CUSTOMER_IS_ITSELF);
    CHECK_ERR(say(&r, 1, "link", mei, lia_id_make(1), &command), LIA_EREFUSED);
    CHECK_ERR(say(&r, 1, "link", lia_id_make(1), mei, &command), LIA_EABSENT);
    CHECK_ERR(say(&r, 1, "unlink", mei, ben, &command), LIA_EREFUSED);
    CHECK(command.refusal == LIA_CUSTOMERS_NOT_LINKED);
    must_say(&r, 1, "link", mei, ben);
    must_say(&r, 1, "notSame", max, ben);
    rest(&r, 1);
    CHECK_ERR(say(&r, 1, "link", mei, max, &command), LIA_EREFUSED);
    CHECK(command.refusal == LIA_CUSTOMERS_HELD_APART);
    erase(&r, 1, ben);
    CHECK_ERR(say(&r, 1, "link", mei, ben, &command), LIA_EGONE);
    CHECK(command.why.text[0]);
    rig_end(&r);
}

TEST(an_erased_record_leaves_the_customer_at_once_and_gives_its_name_to_nobody)
{
    rig r;
    make(&r, 1);
    lia_id ids[3];
    for (size_t i = 0; i < 3; i++) ids[i] = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    rest(&r, 1);
    CHECK(lia_id_equal(customer_of(&r, 1, ids[2]), ids[0]));
    erase(&r, 1, ids[0]);
    CHECK(lia_id_equal(customer_of(&r, 1, ids[2]), ids[1])); /* not only when it rests again */
    CHECK(lia_id_equal(customer_of(&r, 1, ids[0]), ids[0]));
    rest(&r, 1);
    CHECK_EQ(check(&r, 1).records, 2);
    rig_end(&r);
}

TEST(archived_records_stay_with_their_customer_and_are_not_asked_about)
{
    rig r;
    make(&r, 1);
    lia_id one = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    lia_id two = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    Crm__Customer alike = CRM__CUSTOMER__INIT;
    alike.name = "Mei Chen";
    lia_id three = make_as(&r, 1, LIA_ID_NONE, &alike);
    rest(&r, 1);
    size_t before = check(&r, 1).questions;
    CHECK(before > 0);
    crm_archive(&r, 1, LIA_CUSTOMER, one);
    rest(&r, 1);
    CHECK(are_one(&r, 1, one, two));
    CHECK(check(&r, 1).questions < before);
    crm_archive(&r, 1, LIA_CUSTOMER, three);
    rest(&r, 1);
    CHECK_EQ(check(&r, 1).questions, 0);
    rig_end(&r);
}

/* ---- the edges of the rules ------------------------------------------------------------------ */

static void set_phone(rig *r, lia_id id, const char *phone)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    Crm__Phone one = CRM__PHONE__INIT, *phones[] = {&one};
    one.value = phone;
    customer.phones = phones;
    customer.n_phones = 1;
    static const uint32_t mask = 8;
    crm_change(r, 1, LIA_CUSTOMER, id, &customer, &mask, 1);
}

/* A switchboard that gains and loses its 51st number: everybody's score changes with it. */
TEST(a_value_ceases_to_link_when_too_many_have_it_and_links_again_when_few_do)
{
    enum { MANY = LIA_MATCH_HOLDERS_MAX + 1 };
    rig r;
    make(&r, 1);
    lia_id ids[MANY];
    for (size_t i = 0; i < MANY; i++) ids[i] = make_with_phone(&r, NULL, "+49 30 1234567");
    rest(&r, 1);
    CHECK_EQ(check(&r, 1).customers, MANY);
    set_phone(&r, ids[7], "+49 30 7654321");
    rest(&r, 1);
    size_t few = check(&r, 1).customers;
    CHECK(few < MANY);
    set_phone(&r, ids[7], "0049 30 1234567"); /* the same, written otherwise */
    rest(&r, 1);
    CHECK(check(&r, 1).customers > few);
    erase(&r, 1, ids[3]);
    rest(&r, 1);
    CHECK(check(&r, 1).customers <= few);
    rig_end(&r);
}

TEST(work_that_a_stop_interrupted_goes_on_at_the_next_start)
{
    rig r;
    make(&r, 1);
    story *s = story_make(11);
    for (size_t i = 0; i < s->base.record_count; i++)
        (void)make_as(&r, 1, s->ids[i], s->base.records[i].customer);
    rig_stop(&r, 1);
    start(&r, 1, false);
    rename_to(&r, 1, s->ids[5], "Aleksandra Nowak");
    rig_stop(&r, 1);
    start(&r, 1, true); /* its scan, too */
    rig_stop(&r, 1);
    start(&r, 1, false);
    rest(&r, 1);
    CHECK(check(&r, 1).links > 0);
    story_free(s);
    rig_end(&r);
}

/* Keys are made of personal data, so no row may be left by which they could be guessed. */
TEST(of_an_erased_customer_no_row_is_left_but_what_people_said)
{
    rig r;
    make(&r, 1);
    lia_id mei = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    lia_id two = make_person(&r, 1, "Mei Chen", "mei@chen.example");
    lia_id ben = make_person(&r, 1, "Ben Okafor", NULL);
    must_say(&r, 1, "link", mei, ben);
    rest(&r, 1);
    erase(&r, 1, mei);
    lia_rows rows;
    lia_scan *scan;
    lia_span key, value;
    size_t words = 0;
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    CHECK_OK(lia_rows_scan(&rows, LIA_SPAN("c"), &scan));
    while (lia_scan_next(scan, &key, &value)) {
        bool is_word = key.data[1] == LIA_IDENTITY_WORD;
        bool names = memmem(key.data, key.size, mei.bytes, LIA_ID_SIZE) ||
                     memmem(value.data, value.size, mei.bytes, LIA_ID_SIZE);
        words += is_word;
        if (key.data[1] != LIA_IDENTITY_WAITING && key.data[1] != LIA_IDENTITY_STATE)
            CHECK(!names || is_word);
    }
    lia_scan_close(scan);
    lia_node_read_end(r.nodes[1], &rows);
    CHECK_EQ(words, 2);
    CHECK(!are_one(&r, 1, two, ben)); /* who were linked through her only */
    rig_end(&r);
}

/* ---- while somebody waits -------------------------------------------------------------------- */

TEST(reasons_of_a_pair_are_those_of_its_tie_and_doubles_are_found_before_they_are_stored)
{
    rig r;
    make(&r, 1);
    story *s = story_make(3);
    for (size_t i = 0; i < s->base.record_count; i++)
        (void)make_as(&r, 1, s->ids[i], s->base.records[i].customer);
    rest(&r, 1);
    lia_rows rows;
    lia_match match;
    lia_tie ties[64];
    size_t count, ties_seen = 0, doubles = 0;
    bool more;
    CHECK_OK(lia_node_read(r.nodes[1], &rows));
    for (size_t i = 0; i < s->base.record_count; i++) {
        CHECK_OK(lia_identity_ties(&rows, s->ids[i], LIA_ID_NONE, ties, 64, &count, &more));
        for (size_t t = 0; t < count; t++, ties_seen++) {
            int32_t sum = 0;
            CHECK_OK(lia_identity_compare(&rows, s->ids[i], ties[t].other, &s->arena, &match));
            CHECK_EQ(match.verdict, ties[t].verdict);
            CHECK_EQ(match.score, ties[t].score);
            for (size_t m = 0; m < match.reason_count; m++) sum += match.reasons[m].weight;
            CHECK_EQ(sum, match.score);
        }
        /* As if it were typed in once more: then it is there already. */
        lia_double found[4];
        CHECK_OK(
            lia_identity_doubles(&rows, s->base.records[i].customer, &s->arena, found, 4, &count));
        for (size_t d = 0; d < count; d++) {
            doubles += lia_id_equal(found[d].record, s->ids[i]);
            CHECK(d == 0 || found[d].match.verdict != found[d - 1].match.verdict ||
                  found[d].match.score <= found[d - 1].match.score);
        }
    }
    CHECK(ties_seen > 0);
    CHECK(doubles * 10 >= s->base.record_count * 9);
    CHECK_ERR(lia_identity_compare(&rows, s->ids[0], lia_id_make(1), &s->arena, &match),
              LIA_EABSENT);
    lia_node_read_end(r.nodes[1], &rows);
    story_free(s);
    rig_end(&r);
}
