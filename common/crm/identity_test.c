/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are one customer depends on what was recorded and said, not on who heard of it in
 * which order: whole nodes are compared with what the pure functions make of their records at one
 * go. */
#include "common/crm/crm_rig.h"
#include "common/crm/sameness.h"
#include "common/identity/dirty_rig.h"
#include "common/identity/oracle_rig.h"

static const lia_service departments[] = {
    {.name = "nobody"},
    {.name = "sales", .department = LIA_SALES},
    {.name = "marketing", .department = LIA_MARKETING},
    {.name = "service", .department = LIA_SERVICE},
};

static void start(rig *r, size_t number, bool rebuild)
{
    crm_start(r, number, &departments[number], rebuild);
}

static void make(rig *r, size_t count)
{
    *r = (rig){0};
    rig_make(r, count);
    for (size_t n = 1; n <= count; n++) start(r, n, false);
}

static lia_progress progress(rig *r, size_t number)
{
    lia_node_stats stats;
    lia_node_get_stats(r->nodes[number], &stats);
    CHECK_EQ(stats.background_count, 1);
    return stats.backgrounds[0];
}

/* Nothing waits. */
static void rest(rig *r, size_t number)
{
    RIG_UNTIL(r, progress(r, number).waiting == 0);
}

static oracle_sums check(rig *r, size_t number)
{
    lia_rows rows;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    oracle_sums sums = oracle_check(&rows);
    lia_node_read_end(r->nodes[number], &rows);
    CHECK_EQ(progress(r, number).records, sums.records);
    return sums;
}

static bool knows(rig *r, size_t number, uint16_t kind, lia_id id)
{
    return crm_read(r, number, kind, id) != NULL;
}

static lia_id customer_of(rig *r, size_t number, lia_id id)
{
    lia_rows rows;
    lia_id customer;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    CHECK_OK(lia_identity_customer(&rows, id, &customer));
    lia_node_read_end(r->nodes[number], &rows);
    return customer;
}

static bool are_one(rig *r, size_t number, lia_id a, lia_id b)
{
    return lia_id_equal(customer_of(r, number, a), customer_of(r, number, b));
}

/* ---- what people do -------------------------------------------------------------------------- */

static lia_id make_as(rig *r, size_t number, lia_id id, const Crm__Customer *customer)
{
    uint8_t bytes[4096];
    lia_command command = {.type = LIA_COMMAND_CREATE,
                           .kind = lia_kind_find(LIA_CUSTOMER),
                           .id = id,
                           .request = rig_pack(customer, bytes, sizeof bytes)};
    lia_err err = rig_do(r, number, &command);
    if (err) print_error("create: %s %s\n", lia_err_text(err), command.why.text);
    CHECK_OK(err);
    return command.record;
}

static lia_id make_person(rig *r, size_t number, const char *name, const char *email)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    Crm__Email one = CRM__EMAIL__INIT, *emails[] = {&one};
    customer.name = name;
    one.value = email;
    LIA_SET(&one, verified, true);
    customer.emails = emails;
    customer.n_emails = email != NULL;
    return make_as(r, number, LIA_ID_NONE, &customer);
}

static lia_err say(rig *r, size_t number, const char *verb, lia_id a, lia_id b,
                   lia_command *command)
{
    Crm__LinkCustomer ask = CRM__LINK_CUSTOMER__INIT; /* all three look alike */
    LIA_SET_ID(&ask, customer, &a);
    LIA_SET_ID(&ask, other, &b);
    return crm_try(r, number, LIA_CUSTOMER, verb, a, &ask, command);
}

static void must_say(rig *r, size_t number, const char *verb, lia_id a, lia_id b)
{
    lia_command command;
    lia_err err = say(r, number, verb, a, b, &command);
    if (err) print_error("%s: %s %s\n", verb, lia_err_text(err), command.why.text);
    CHECK_OK(err);
}

static void rename_to(rig *r, size_t number, lia_id id, const char *name)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = name;
    static const uint32_t mask[] = {2, 3, 4};
    crm_change(r, number, LIA_CUSTOMER, id, &customer, mask, 3);
}

static void erase(rig *r, size_t number, lia_id id)
{
    Crm__EraseCustomer ask = CRM__ERASE_CUSTOMER__INIT;
    LIA_SET_ID(&ask, customer, &id);
    crm_do(r, number, LIA_CUSTOMER, "erase", id, &ask);
}

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

/* Both are said while the nodes do not hear of each other. */
TEST(of_two_words_at_once_not_the_same_wins_on_every_node)
{
    rig r;
    make(&r, 3);
    lia_id mei = make_person(&r, 1, "Mei", NULL), ben = make_person(&r, 1, "Ben", NULL);
    for (size_t n = 2; n <= 3; n++)
        RIG_UNTIL(&r, knows(&r, n, LIA_CUSTOMER, mei) && knows(&r, n, LIA_CUSTOMER, ben));
    rig_stop(&r, 2);
    rig_stop(&r, 3);
    must_say(&r, 1, "notSame", mei, ben);
    rig_stop(&r, 1);
    start(&r, 2, false);
    must_say(&r, 2, "link", ben, mei); /* later, and it loses all the same */
    rest(&r, 2);
    CHECK(are_one(&r, 2, mei, ben));
    start(&r, 1, false);
    start(&r, 3, false);
    for (size_t n = 1; n <= 3; n++) {
        RIG_UNTIL(&r, rig_same_digests(&r, 1, n) && rig_same_digests(&r, 2, n));
        rest(&r, n);
        CHECK(!are_one(&r, n, mei, ben));
        check(&r, n);
    }
    /* Who has heard of both may change it. */
    must_say(&r, 3, "link", mei, ben);
    for (size_t n = 1; n <= 3; n++) RIG_UNTIL(&r, are_one(&r, n, mei, ben));
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

/* ---- many records ---------------------------------------------------------------------------- */

/* A store of made customers, and all that people do to them, in an order that a number chooses.
 * What is done to one record stays in order; who does it, and what comes in between, does not. */
#define TRUTHS  60
#define ACTIONS 6 /* to one record at most */

typedef struct story {
    dirty_base base;
    lia_arena arena;
    lia_id ids[4 * TRUTHS];
    size_t done[4 * TRUTHS]; /* actions */
} story;

static story *story_make(uint64_t seed)
{
    story *s = calloc(1, sizeof *s);
    CHECK_OK(lia_arena_init(&s->arena, (size_t)64 << 20));
    dirty_make(&s->base, seed, TRUTHS, &s->arena);
    for (size_t i = 0; i < s->base.record_count; i++) {
        uint8_t name[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        s->ids[i] = lia_id_derive("story", LIA_SPAN_OF(name));
    }
    return s;
}

static void story_free(story *s)
{
    lia_arena_fini(&s->arena);
    free(s);
}

/* The record's next action; false when there is none left. */
static bool act(story *s, rig *r, size_t node, size_t at)
{
    size_t action = s->done[at]++;
    lia_id id = s->ids[at], before = s->ids[at % 12 == 7 || at % 12 == 8 ? at - 1 : at];
    if (action == 0) {
        (void)make_as(r, node, id, s->base.records[at].customer);
        return true;
    }
    if (at % 12 == 11 && action > 1) return false; /* erased */
    if (!knows(r, node, LIA_CUSTOMER, id) || !knows(r, node, LIA_CUSTOMER, before)) {
        s->done[at]--; /* the other node has not told yet, or nobody has begun */
        return true;
    }
    switch (at % 12 * ACTIONS + action) {
    case 1 * ACTIONS + 1:
        rename_to(r, node, id, "Aleksandra Nowak");
        return true;
    case 1 * ACTIONS + 2:
        rename_to(r, node, id,
                  s->base.records[at].customer->name ? s->base.records[at].customer->name
                                                     : "Jan Kowalski");
        return true;
    case 4 * ACTIONS + 1:
        crm_archive(r, node, LIA_CUSTOMER, id);
        return true;
    case 7 * ACTIONS + 1:
    case 8 * ACTIONS + 1:
        must_say(r, node, at % 12 == 7 ? "link" : "notSame", id, before);
        return true;
    case 8 * ACTIONS + 2:
        must_say(r, node, "link", before, id);
        return true;
    case 11 * ACTIONS + 1:
        erase(r, node, id);
        return true;
    default:
        return false;
    }
}

/* Tells the story at two nodes, one record at one of them (what a node has not heard of it cannot
 * undo); with `pauses` the engines come to rest again and again in between,
 * so that everything is done step by step, without them at one go. */
static void tell(story *s, rig *r, uint64_t order, bool pauses)
{
    dirty_base dice = {.dice = {order}};
    size_t left = s->base.record_count, steps = 0;
    bool *over = lia_arena_zero(&s->arena, left * sizeof *over);
    memset(s->done, 0, sizeof s->done);
    while (left) {
        size_t at = dirty_below(&dice, s->base.record_count);
        if (over[at]) continue;
        if (!act(s, r, 1 + (at + order) % 2, at)) {
            over[at] = true;
            left--;
        }
        if (pauses && ++steps % 16 == 0) {
            rest(r, 1);
            rest(r, 2);
        }
    }
    RIG_UNTIL(r, rig_same_digests(r, 1, 2));
    rest(r, 1);
    rest(r, 2);
}

/* All that a node answers, as text. */
static lia_span answers(const story *s, rig *r, size_t number, lia_arena *arena)
{
    static lia_tie ties[ORACLE_MAX];
    static lia_question questions[ORACLE_MAX];
    lia_rows rows;
    lia_buf out = lia_buf_make(arena);
    size_t count;
    bool more;
    CHECK_OK(lia_node_read(r->nodes[number], &rows));
    for (size_t i = 0; i < s->base.record_count; i++) {
        lia_id customer;
        CHECK_OK(lia_identity_customer(&rows, s->ids[i], &customer));
        lia_buf_add(&out, customer.bytes, LIA_ID_SIZE);
        CHECK_OK(lia_identity_ties(&rows, s->ids[i], LIA_ID_NONE, ties, ORACLE_MAX, &count, &more));
        for (size_t t = 0; t < count; t++) {
            lia_buf_add(&out, ties[t].other.bytes, LIA_ID_SIZE);
            lia_buf_format(&out, " %d %d %d %d %d\n", ties[t].verdict, ties[t].certain,
                           ties[t].score, ties[t].word, ties[t].fate);
        }
    }
    CHECK_OK(lia_identity_questions(&rows, NULL, questions, ORACLE_MAX, &count, &more));
    for (size_t i = 0; i < count; i++) {
        lia_buf_add(&out, questions[i].a.bytes, LIA_ID_SIZE);
        lia_buf_add(&out, questions[i].b.bytes, LIA_ID_SIZE);
        lia_buf_format(&out, "%d %d\n", questions[i].score, questions[i].fate);
    }
    lia_node_read_end(r->nodes[number], &rows);
    CHECK(!out.failed);
    return lia_buf_get(&out);
}

TEST(who_is_one_customer_does_not_depend_on_the_order_nor_on_the_node)
{
    story *s = story_make(7);
    lia_span first = LIA_SPAN_NONE;
    for (uint64_t order = 1; order <= 3; order++) {
        rig r;
        make(&r, 2);
        tell(s, &r, order, order > 1);
        for (size_t n = 1; n <= 2; n++) {
            oracle_sums sums = check(&r, n);
            CHECK(sums.customers < sums.records && sums.questions > 0);
            lia_span said = answers(s, &r, n, &s->arena);
            if (!first.size) first = said;
            CHECK_BYTES(said, first);
        }
        if (order == 2) { /* made anew from the log, and read back from the disk */
            rig_stop(&r, 1);
            start(&r, 1, true);
            rest(&r, 1);
            CHECK_BYTES(answers(s, &r, 1, &s->arena), first);
            rig_stop(&r, 2);
            start(&r, 2, false);
            rest(&r, 2);
            CHECK_BYTES(answers(s, &r, 2, &s->arena), first);
            check(&r, 1);
        }
        rig_end(&r);
    }
    story_free(s);
}

/* ---- the edges of the rules ------------------------------------------------------------------ */

static lia_id make_with_phone(rig *r, const char *name, const char *phone)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    Crm__Phone one = CRM__PHONE__INIT, *phones[] = {&one};
    customer.name = name;
    one.value = phone;
    customer.phones = phones;
    customer.n_phones = 1;
    return make_as(r, 1, LIA_ID_NONE, &customer);
}

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

TEST(a_new_model_counts_on_all_nodes_and_the_highest_revision_wins)
{
    rig r;
    make(&r, 2);
    lia_id one = make_with_phone(&r, "Mei Chen", "+49 30 1234567");
    lia_id two = make_with_phone(&r, "Mei Chen", "030 1234567");
    rest(&r, 1);
    CHECK(!are_one(&r, 1, one, two));
    RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
    rig_stop(&r, 2);
    Crm__MatchModel model = CRM__MATCH_MODEL__INIT;
    LIA_SET(&model, revision, 3);
    model.home = "DE"; /* then both are one number */
    lia_id record = rig_create(&r, 1, LIA_MATCH_MODEL, &model);
    RIG_UNTIL(&r, are_one(&r, 1, one, two));
    rig_stop(&r, 1);
    start(&r, 2, false);
    Crm__MatchModel older = CRM__MATCH_MODEL__INIT;
    LIA_SET(&older, revision, 2); /* later, but not higher */
    older.home = "FR";
    (void)rig_create(&r, 2, LIA_MATCH_MODEL, &older);
    start(&r, 1, false);
    for (size_t n = 1; n <= 2; n++) {
        RIG_UNTIL(&r, rig_same_digests(&r, 1, 2));
        rest(&r, n);
        CHECK(are_one(&r, n, one, two));
        check(&r, n);
    }
    crm_archive(&r, 2, LIA_MATCH_MODEL, record); /* and the other one counts */
    for (size_t n = 1; n <= 2; n++) {
        RIG_UNTIL(&r, !are_one(&r, n, one, two));
        rest(&r, n);
        check(&r, n);
    }
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
    CHECK_OK(lia_rows_scan(&rows, LIA_SPAN("i"), &scan));
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
