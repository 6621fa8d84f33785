/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/time.h"
#include "common/identity/match.h"
#include "common/identity/similar.h"
#include "common/node/fields.h"
#include "tests/support/test.h"

static lia_arena arena;

static lia_arena *scratch(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 4 << 20));
    return &arena;
}

static lia_name_token token_of(const char *word)
{
    lia_name name;
    lia_name_of_person(&name, LIA_SPAN_NONE, LIA_SPAN_NONE, lia_span_text(word));
    return name.tokens[0];
}

TEST(similarity_is_that_of_the_paper_rounded_down)
{
    static const struct {
        const char *a, *b;
        unsigned want;
    } cases[] = {
        {"martha", "marhta", 961}, {"dwayne", "duane", 840}, {"dixon", "dicksonx", 813},
        {"jones", "johnson", 832}, {"chen", "chen", 1000},   {"abc", "xyz", 0},
        {"王", "王", 1000},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_name_token a = token_of(cases[i].a), b = token_of(cases[i].b);
        CHECK(lia_similar(&a, &b) + 2 >= cases[i].want && lia_similar(&a, &b) <= cases[i].want);
        CHECK_EQ(lia_similar(&a, &b), lia_similar(&b, &a));
    }
    CHECK_EQ(lia_similar_bytes(LIA_SPAN_NONE, LIA_SPAN("chen")), 0);
}

TEST(words_that_sound_alike_have_one_soundex)
{
    static const char *const cases[][2] = {
        {"robert", "r163"},  {"rupert", "r163"},   {"ashcraft", "a261"}, {"tymczak", "t522"},
        {"pfister", "p236"}, {"honeyman", "h555"}, {"lee", "l000"},      {"иванов", "иван"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        uint8_t sound[LIA_SOUNDEX_MAX];
        lia_name_token token = token_of(cases[i][0]);
        CHECK_BYTES(lia_span_make(sound, lia_soundex(&token, sound)), lia_span_text(cases[i][1]));
    }
}

/* ---- pairs ---------------------------------------------------------------------------------- */

/* A record in short: what is NULL or 0 is absent. */
typedef struct brief {
    const char *given, *family, *full, *email, *phone, *number, *street, *postcode;
    int day; /* of birth, since 1970 */
    bool verified, organization;
} brief;

static lia_profile *profile_of(const brief *from, unsigned number)
{
    Crm__Email email = CRM__EMAIL__INIT, *emails = &email;
    Crm__Phone phone = CRM__PHONE__INIT, *phones = &phone;
    Crm__ExternalId id = CRM__EXTERNAL_ID__INIT, *ids = &id;
    Crm__Address address = CRM__ADDRESS__INIT, *addresses = &address;
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.given_name = from->given;
    customer.family_name = from->family;
    customer.name = from->full;
    if (from->organization)
        LIA_SET(&customer, type, CRM__CUSTOMER_TYPE__CUSTOMER_TYPE_ORGANIZATION);
    if (from->day) LIA_SET(&customer, birthday, from->day * LIA_DAY_MS);
    email.value = from->email;
    LIA_SET(&email, verified, from->verified);
    phone.value = from->phone;
    id.value = from->number;
    address.street = from->street;
    address.postcode = from->postcode;
    customer.emails = &emails;
    customer.phones = &phones;
    customer.external_ids = &ids;
    customer.addresses = &addresses;
    customer.n_emails = from->email != NULL;
    customer.n_phones = from->phone != NULL;
    customer.n_external_ids = from->number != NULL;
    customer.n_addresses = from->street || from->postcode;
    lia_profile *out = lia_arena_take(scratch(), sizeof *out);
    lia_id name = {{(uint8_t)number}};
    CHECK_OK(lia_profile_make(out, name, &customer, lia_country_read(LIA_SPAN("DE")), scratch()));
    return out;
}

static void hold(lia_profile *profile, uint32_t holders)
{
    for (size_t i = 0; i < profile->key_count; i++) profile->keys[i].holders = holders;
}

static const brief mei = {.given = "Mei",
                          .family = "Chen",
                          .email = "mei@chen.example",
                          .verified = true,
                          .phone = "030 1234567",
                          .number = "erp:7",
                          .street = "Hauptstr. 5",
                          .postcode = "10115",
                          .day = 7000};

TEST(a_verdict_follows_the_rules)
{
    static const struct {
        const char *why;
        brief other;
        uint32_t holders;
        lia_verdict want;
    } cases[] = {
        {"same number elsewhere", {.full = "Chen, Mei", .number = "erp:7"}, 2, LIA_MATCH_LINK},
        {"same phone", {.full = "Mei Chen", .phone = "+49 30 1234567"}, 2, LIA_MATCH_LINK},
        {"nobody's name", {.email = "MEI@chen.example", .verified = true}, 2, LIA_MATCH_LINK},
        {"not verified, no name", {.email = "mei@chen.example"}, 2, LIA_MATCH_ASK},
        {"a switchboard", {.full = "Mei Chen", .phone = "030 1234567"}, 51, LIA_MATCH_ASK},
        {"an office", {.full = "Mei Chen", .phone = "030 1234567"}, 9, LIA_MATCH_ASK},
        {"a sister",
         {.given = "Lan",
          .family = "Chen",
          .phone = "030 1234567",
          .street = "Hauptstraße 5",
          .postcode = "10115"},
         2,
         LIA_MATCH_APART},
        {"a marriage",
         {.given = "Mei", .family = "Lang", .phone = "030 1234567", .day = 7000},
         2,
         LIA_MATCH_ASK},
        {"another birthday",
         {.full = "Mei Chen", .phone = "030 1234567", .day = 9000},
         2,
         LIA_MATCH_ASK},
        {"born and living alike",
         {.full = "Mei Chen", .day = 7000, .postcode = "10115"},
         2,
         LIA_MATCH_LINK},
        {"only the name", {.full = "Mei Chen"}, 2, LIA_MATCH_ASK},
        {"only a common name", {.full = "Mei Chen"}, 51, LIA_MATCH_NOTHING},
        {"an initial", {.full = "M. Chen", .phone = "030 1234567"}, 2, LIA_MATCH_ASK},
        {"another ending", {.full = "Meia Chen", .phone = "030 1234567"}, 2, LIA_MATCH_ASK},
        {"nothing", {.full = "Uwe Koch", .phone = "030 7654321"}, 2, LIA_MATCH_APART},
    };
    lia_profile *a = profile_of(&mei, 1);
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_profile *b = profile_of(&cases[i].other, 2);
        lia_match match, back;
        hold(a, cases[i].holders);
        hold(b, cases[i].holders);
        lia_match_make(&match, a, b, &LIA_MODEL_DEFAULT);
        lia_match_make(&back, b, a, &LIA_MODEL_DEFAULT);
        if (match.verdict != cases[i].want)
            print_message("%s: %d with %d sixteenths, wanted %d\n", cases[i].why, match.verdict,
                          match.score, cases[i].want);
        CHECK_EQ(match.verdict, cases[i].want);
        CHECK_EQ(match.score, back.score);
        CHECK_EQ(match.verdict, back.verdict);
    }
}

TEST(reasons_add_up_and_say_what_was_compared)
{
    brief other = {.full = "Mei Chen", .phone = "030 1234567", .postcode = "10115"};
    lia_profile *a = profile_of(&mei, 1), *b = profile_of(&other, 2);
    lia_match match;
    lia_match_make(&match, b, a, &LIA_MODEL_DEFAULT);
    int32_t sum = 0;
    for (size_t i = 0; i < match.reason_count; i++) sum += match.reasons[i].weight;
    CHECK_EQ(sum, match.score);
    CHECK_EQ(match.reasons[0].outcome, LIA_PHONE_SAME);
    CHECK_TEXT(lia_outcome_field(LIA_PHONE_SAME), "phones");
    CHECK_TEXT(lia_outcome_text(LIA_PHONE_SAME), "same phone");
    CHECK_BYTES(match.reasons[0].a, LIA_SPAN("+49301234567"));
}

/* ---- keys ----------------------------------------------------------------------------------- */

static bool has_key(const lia_profile *profile, const char *text)
{
    for (size_t i = 0; i < profile->key_count; i++)
        if (lia_span_is(profile->keys[i].bytes, text)) return true;
    return false;
}

TEST(a_record_has_the_keys_that_find_it)
{
    lia_profile *profile = profile_of(&mei, 1);
    static const char *const keys[] = {
        "emei@chen.example", "p+49301234567", "t1234567", "nerp:7",          "wchen mei",
        "sc500 m 101",       "zc500 m000",    "b7000 c",  "ahauptstr5 10115"};
    for (size_t i = 0; i < LIA_COUNT(keys); i++)
        if (!has_key(profile, keys[i])) fail_msg("no key %s", keys[i]);
    for (size_t i = 0; i < profile->key_count; i++)
        CHECK(profile->keys[i].bytes.size <= LIA_MATCH_KEY_BYTES);
}

TEST(nicknames_and_order_give_one_key)
{
    brief bob = {.full = "Smith, Bob"}, robert = {.full = "Robert Smith"};
    CHECK(lia_match_candidates(profile_of(&bob, 1), profile_of(&robert, 2)));
}

/* Compared with nothing else, a name that is cut short or misspelt behind its first letter has to be
 * found by its other word. */
TEST(an_initial_and_a_misspelt_word_are_found_by_the_other_word)
{
    static const char *const found[][2] = {{"Jean Robert", "J. Robert"},
                                           {"Jörg Grünfeld", "Jög Grünfeld"}};
    for (size_t i = 0; i < LIA_COUNT(found); i++)
        CHECK(lia_match_candidates(profile_of(&(brief){.full = found[i][0]}, 1),
                                   profile_of(&(brief){.full = found[i][1]}, 2)));
    CHECK(!lia_match_candidates(profile_of(&(brief){.full = "Jean Robert"}, 1),
                                profile_of(&(brief){.full = "P. Robert"}, 2)));
}

/* Everybody's first two words are common; the third one is not. */
TEST(of_three_words_the_two_that_are_rarest_together_count)
{
    lia_match common, rare;
    const brief name = {.full = "Anna Maria Brzezczyk"};
    lia_profile *a = profile_of(&name, 1), *b = profile_of(&name, 2);
    hold(a, LIA_MATCH_HOLDERS_MAX);
    hold(b, LIA_MATCH_HOLDERS_MAX);
    lia_match_make(&common, a, b, &LIA_MODEL_DEFAULT);
    for (size_t i = 0; i < a->key_count; i++) {
        bool names = a->keys[i].bytes.data[0] == LIA_KEY_NAME;
        if (!names || i == a->name_key) continue;
        a->keys[i].holders = b->keys[i].holders = 2;
    }
    lia_match_make(&rare, a, b, &LIA_MODEL_DEFAULT);
    CHECK(rare.score > common.score);
    lia_match_make(&common, b, a, &LIA_MODEL_DEFAULT);
    CHECK_EQ(common.score, rare.score);
}

TEST(a_long_key_ends_in_a_hash)
{
    char number[2][201];
    memset(number, 'x', sizeof number);
    number[0][200] = number[1][200] = 0;
    number[1][199] = 'y';
    brief first = {.number = number[0]}, second = {.number = number[1]};
    lia_profile *a = profile_of(&first, 1), *b = profile_of(&second, 2);
    CHECK_EQ(a->keys[0].bytes.size, LIA_MATCH_KEY_BYTES);
    CHECK(!lia_match_candidates(a, b));
    CHECK(lia_match_candidates(a, profile_of(&first, 3)));
}

TEST(holders_count_in_steps)
{
    static const uint32_t steps[][2] = {{0, 0}, {2, 0},  {3, 1},  {4, 2},         {7, 2},
                                        {8, 3}, {50, 5}, {51, 6}, {UINT32_MAX, 6}};
    for (size_t i = 0; i < LIA_COUNT(steps); i++)
        CHECK_EQ(lia_holders_step(steps[i][0]), steps[i][1]);
}

TEST(a_full_arena_makes_no_profile)
{
    Crm__Customer customer = CRM__CUSTOMER__INIT;
    customer.name = "Mei Chen";
    lia_arena small = {0};
    lia_profile *profile = lia_arena_take(scratch(), sizeof *profile);
    CHECK_OK(lia_arena_init(&small, 64));
    while (lia_arena_take(&small, 16)) {
    }
    small.exhausted = false;
    CHECK_ERR(
        lia_profile_make(profile, LIA_ID_NONE, &customer, lia_country_read(LIA_SPAN("DE")), &small),
        LIA_EFULL);
    lia_arena_fini(&small);
}
