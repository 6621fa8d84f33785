/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/normal.h"
#include "tests/support/test.h"

static lia_arena arena;

static lia_arena *scratch(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

/* A row that turns out otherwise is named. */
static void check_text(lia_span got, const char *want, const char *from)
{
    if (lia_span_is(got, want)) return;
    print_message("%s became %.*s, wanted %s\n", from, (int)got.size, (const char *)got.data, want);
    CHECK(false);
}

TEST(a_text_loses_case_and_accents)
{
    static const char *const cases[][2] = {
        {"O'Brien-Żółty", "obrien zolty"},
        {"  Straße 5 ", "strasse 5"},
        {"Ærø", "aero"},
        {"İSTANBUL", "istanbul"},
        {"ﬁne", "fine"},
        {"...", ""},
        {"Ελλάδα", "ελλαδα"},
        {"a\xff\x62", "a b"},
        {"", ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        check_text(lia_text_normal(lia_span_text(cases[i][0]), scratch()), cases[i][1],
                   cases[i][0]);
}

TEST(an_email_keeps_what_its_provider_reads)
{
    static const char *const cases[][2] = {
        {"Mei.Chen@Example.COM", "mei.chen@example.com"},
        {"Mei <Mei.Chen+crm@GMail.com>", "meichen@gmail.com"},
        {"meichen@googlemail.com", "meichen@gmail.com"},
        {"mei.chen+crm@example.com", "mei.chen+crm@example.com"},
        {"mei.chen+crm@outlook.com", "mei.chen@outlook.com"},
        {"mei-shop@yahoo.com", "mei@yahoo.com"},
        {"mailto:mei@example.com.", "mei@example.com"},
        {"+@gmail.com", "+@gmail.com"},
        {"MÜLLER@Bücher.example", "mu\xcc\x88ller@bu\xcc\x88"
                                  "cher.example"},
        {"mei chen@example.com", ""},
        {"@example.com", ""},
        {"mei@", ""},
        {"mei", ""},
        {"...@gmail.com", ""},
        {"", ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        check_text(lia_email_normal(lia_span_text(cases[i][0]), scratch()), cases[i][1],
                   cases[i][0]);
}

TEST(a_role_is_nobody)
{
    CHECK(lia_email_is_role(LIA_SPAN("info@example.com")));
    CHECK(lia_email_is_role(LIA_SPAN("familie.chen@example.com")));
    CHECK(!lia_email_is_role(LIA_SPAN("information@example.com")));
    CHECK(!lia_email_is_role(LIA_SPAN("mei@info.example")));
}

TEST(a_phone_is_what_one_dials_from_abroad)
{
    static const struct {
        const char *text, *country, *want;
    } cases[] = {
        {"(030) 1234-567", "DE", "+49301234567"},
        {"+49 (0)30 1234567", "", "+49301234567"},
        {"0049 30 1234567", "DE", "+49301234567"},
        {"0049 30 1234567", "", "+49301234567"},
        {"030/1234567 ext. 12", "DE", "+49301234567;ext=12"},
        {"tel:+1-201-555-0123;ext=9", "", "+12015550123;ext=9"},
        {"+49 30 1234567, 0171 5555555", "DE", "+49301234567"},
        {"1 212 555 0100", "US", "+12125550100"},
        {"212-555-0100", "CA", "+12125550100"},
        {"011 44 20 7946 0000", "US", "+442079460000"},
        {"8 (495) 123-45-67", "RU", "+74951234567"},
        {"495 123 45 67", "RU", "+74951234567"},
        {"06 1234 5678", "IT", "+390612345678"},
        {"06 20 123 4567", "HU", "+36201234567"},
        {"+999 12345678", "DE", "+99912345678"},
        {"030 1234567", "", "0301234567"},
        {"030 1234567", "ZZ", "0301234567"},
        {"110", "DE", "110"},
        {"12345678901234567890", "DE", "12345678901234567890"},
        {"none", "DE", ""},
        {"", "DE", ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_country country = lia_country_read(lia_span_text(cases[i].country));
        check_text(lia_phone_normal(lia_span_text(cases[i].text), country, scratch()),
                   cases[i].want, cases[i].text);
    }
}

TEST(a_handle_is_a_name_on_a_network)
{
    static const char *const cases[][3] = {
        {"Instagram", "@Mei.Chen", "instagram:mei.chen"},
        {"", "https://www.instagram.com/Mei.Chen/?hl=de", "instagram:mei.chen"},
        {"twitter", "MeiChen", "x:meichen"},
        {"x", "https://mobile.twitter.com/meichen", "x:meichen"},
        {"LinkedIn", "https://linkedin.com/in/mei-chen/", "linkedin:mei-chen"},
        {"facebook", "mei.chen", "facebook:meichen"},
        {"mastodon", "@Mei@example.social", "mastodon:mei@example.social"},
        {"mastodon", "https://example.social/@Mei", "mastodon:mei@example.social"},
        {"Chess", "MeiChen", "chess:MeiChen"},
        {"x", "@", ""},
        {"", "", ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        check_text(
            lia_handle_normal(lia_span_text(cases[i][0]), lia_span_text(cases[i][1]), scratch()),
            cases[i][2], cases[i][1]);
}

TEST(a_web_site_is_its_host)
{
    check_text(lia_host_normal(LIA_SPAN("https://www.Example.com:8443/about"), scratch()),
               "example.com", "a URL");
    check_text(lia_host_normal(LIA_SPAN("example.com"), scratch()), "example.com", "a host");
    check_text(lia_host_normal(LIA_SPAN("our site"), scratch()), "", "a word");
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Words with a blank between them, family names with a star. */
static lia_span print_name(const lia_name *name)
{
    static uint8_t text[LIA_NAME_TOKENS_MAX * (3 * LIA_NAME_LETTERS_MAX + 2)];
    size_t size = 0;
    for (size_t i = 0; i < name->count; i++) {
        if (i) text[size++] = ' ';
        size += lia_name_token_print(&name->tokens[i], text + size);
        if (name->tokens[i].family) text[size++] = '*';
    }
    return lia_span_make(text, size);
}

TEST(a_person_has_words_without_titles)
{
    static const struct {
        const char *given, *family, *full, *want;
    } cases[] = {
        {"Mei", "Chen", NULL, "mei chen*"},
        {NULL, NULL, "Dr. Mei Chen", "mei chen*"},
        {NULL, NULL, "Chen, Mei", "chen* mei"},
        {NULL, NULL, "Jürgen Müller", "jurgen muller*"},
        {NULL, NULL, "Juergen Mueller", "jurgen muller*"},
        {NULL, NULL, "Otto von der Heide", "otto heide*"},
        {"Anne-Marie", "O'Brien", "ignored", "anne marie obrien*"},
        {NULL, NULL, "Dr.", "dr"},
        {"Mei", NULL, NULL, "mei"},
        {NULL, "Chen", NULL, "chen*"},
        {NULL, NULL, "王伟", "王伟"},
        {NULL, NULL, "", ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_name name;
        lia_name_of_person(&name, lia_span_text(cases[i].given), lia_span_text(cases[i].family),
                           lia_span_text(cases[i].full));
        check_text(print_name(&name), cases[i].want, cases[i].want);
    }
}

TEST(an_organization_goes_without_its_legal_form)
{
    lia_name name;
    lia_name_of_organization(&name, LIA_SPAN("Chen Logistik GmbH & Co. KG"));
    check_text(print_name(&name), "chen logistik", "a firm");
    lia_name_of_organization(&name, LIA_SPAN("AG"));
    check_text(print_name(&name), "ag", "only a legal form");
}

TEST(a_nickname_knows_its_group)
{
    lia_name bob, robert, michael;
    lia_name_of_person(&bob, LIA_SPAN_NONE, LIA_SPAN_NONE, LIA_SPAN("Bob"));
    lia_name_of_person(&robert, LIA_SPAN_NONE, LIA_SPAN_NONE, LIA_SPAN("Robert"));
    lia_name_of_person(&michael, LIA_SPAN_NONE, LIA_SPAN_NONE, LIA_SPAN("Michael"));
    CHECK(bob.tokens[0].nicknames[0] != 0);
    CHECK_EQ(bob.tokens[0].nicknames[0], robert.tokens[0].nicknames[0]);
    CHECK(michael.tokens[0].nicknames[0] != 0);
}

/* Chris may be Christian, Christina or Christopher: the first two groups count. */
TEST(a_word_of_several_groups_keeps_the_first_two)
{
    static const struct {
        const char *name;
        size_t groups;
    } cases[] = {{"Christian", 1}, {"Christina", 1}, {"Chris", 2},  {"Alex", 2},
                 {"Zoi", 1},       {"Dr", 0},        {"Chri", 0},   {"Christianx", 0},
                 {"Alexander", 1}, {"Sascha", 2},    {"Kathrin", 2}};
    lia_name names[LIA_COUNT(cases)];
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_name_of_person(&names[i], LIA_SPAN_NONE, LIA_SPAN_NONE, lia_span_text(cases[i].name));
        const uint8_t *groups = names[i].tokens[0].nicknames;
        CHECK_EQ((size_t)(groups[0] != 0) + (groups[1] != 0), cases[i].groups);
    }
    CHECK_EQ(names[2].tokens[0].nicknames[0], names[0].tokens[0].nicknames[0]);
    CHECK_EQ(names[2].tokens[0].nicknames[1], names[1].tokens[0].nicknames[0]);
}

TEST(a_long_name_is_cut)
{
    char text[4096];
    memset(text, 'a', sizeof text);
    for (size_t i = 30; i < sizeof text; i += 31) text[i] = ' ';
    lia_name name;
    lia_name_of_person(&name, LIA_SPAN_NONE, LIA_SPAN_NONE, lia_span_make(text, sizeof text));
    CHECK_EQ(name.count, LIA_NAME_TOKENS_MAX);
    CHECK_EQ(name.tokens[0].count, LIA_NAME_LETTERS_MAX);
}
