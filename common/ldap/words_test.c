/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "common/ldap/words.h"
#include "tests/support/test.h"

#define USER "{user}"

static lia_arena arena;

static void begin(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    lia_arena_reset(&arena);
}

TEST(an_address_is_a_scheme_a_host_and_perhaps_a_port)
{
    static const struct {
        const char *url;
        bool good, here;
    } cases[] = {
        {"ldaps://ldap.example.com", true, false},
        {"ldaps://ldap.example.com:1636", true, false},
        {"ldap://10.0.0.1:389", true, false},
        {"ldap://localhost", true, true},
        {"ldap://localhost:3389", true, true},
        {"ldap://127.0.0.1:3389", true, true},
        {"ldap://[::1]:3389", true, true},
        {"ldap://[fd00::1]", true, false},
        {"ldaps://localhost", true, false},
        {"ldap://localhost.example.com", true, false},
        {"ldap://127.0.0.1.example.com", true, false},
        {"ldap://127.0.0.10", true, false},
        {"ldap://", false, false},
        {"ldap.example.com", false, false},
        {"http://ldap.example.com", false, false},
        {"ldapi:///", false, false},
        {"ldap://a b", false, false},
        {"ldap://a/dc=example", false, false},
        {"ldap://a?b", false, false},
        {"ldap://a@b", false, false},
        {"ldap://a ldap://b", false, false},
        {"ldap://a:0", false, false},
        {"ldap://a:70000", false, false},
        {"ldap://a:", false, false},
        {"ldap://[::1", false, false},
        {"ldap://[::1]x", false, false},
        {"LDAP://a", false, false},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_why why = {{0}};
        lia_err err = lia_ldap_url_check(cases[i].url, &why);
        if (!err != cases[i].good) print_error("%s\n", cases[i].url);
        CHECK_EQ(!err, cases[i].good);
        CHECK_EQ(*why.text != 0, !cases[i].good);
        CHECK_EQ(lia_ldap_url_is_here(cases[i].url), cases[i].here);
    }
}

TEST(a_filter_is_whole_and_says_where_the_name_belongs)
{
    static const struct {
        const char *filter, *why; /* NULL: it is good */
    } cases[] = {
        {"(uid={user})", NULL},
        {"(&(objectClass=person)(|(uid={user})(mail={user})))", NULL},
        {"(&(sAMAccountName={user})(!(userAccountControl:1.2.840.113556.1.4.803:=2)))", NULL},
        {"(cn=*{user}*)", NULL},
        {"(cn=a\\28b{user})", NULL},
        {"uid={user}", "is no filter"},
        {"", "is no filter"},
        {"(uid={user}", "is no filter"},
        {"(uid={user}))", "is no filter"},
        {"(uid={user})(cn=x)", "is no filter"},
        {"((uid={user})", "is no filter"},
        {"(uid={user}) ", "is no filter"},
        {"(uid=somebody)", "{user} is missing"},
        {"(uid={users})", "{user} is missing"},
        {"({user}=x)", "{user} belongs behind"},
        {"(uid=x)({user})", "is no filter"},
        {"(&(uid=x){user})", "{user} belongs behind"},
        {"(&(uid={user})({user}=1))", "{user} belongs behind"},
        {"(&(uid={user})", "is no filter"},
        {"(uid~{user})", "{user} belongs behind"},
        {"(&)(uid={user})", "is no filter"},
        {"((uid={user}))", "is no filter that"},
        {"(uid=\\zz{user})", "is no filter that"},
        {"(={user})", "is no filter that"},
        {"(?(uid={user}))", "is no filter that"},
        {"(!(uid={user})(cn=x))", "is no filter that"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_why why = {{0}};
        lia_err err = lia_ldap_filter_check(cases[i].filter, USER, &why);
        if (!err != !cases[i].why || (err && !strstr(why.text, cases[i].why)))
            print_error("%s: %s\n", cases[i].filter, why.text);
        CHECK_EQ(!err, !cases[i].why);
        CHECK(!err || strstr(why.text, cases[i].why));
    }
}

/* RFC 4515 section 3: what a name is made of means nothing in the filter. */
TEST(no_name_changes_what_a_filter_asks)
{
    static const struct {
        const char *name, *want;
    } cases[] = {
        {"anna", "(&(a=b)(uid=anna))"},   {"*)(uid=*", "(&(a=b)(uid=\\2A\\29\\28uid=\\2A))"},
        {"*", "(&(a=b)(uid=\\2A))"},      {"a)(|(b=*", "(&(a=b)(uid=a\\29\\28|\\28b=\\2A))"},
        {"\\2a", "(&(a=b)(uid=\\5C2a))"}, {"{user}", "(&(a=b)(uid={user}))"},
        {"{dn}", "(&(a=b)(uid={dn}))"},   {"&|!=<>~", "(&(a=b)(uid=&|!=<>~))"},
        {"", "(&(a=b)(uid=))"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        CHECK_TEXT(lia_ldap_filter_fill(&arena, "(&(a=b)(uid={user}))", USER,
                                        lia_span_text(cases[i].name)),
                   cases[i].want);
    }
    begin();
    CHECK_TEXT(lia_ldap_filter_fill(&arena, "(|(a={user})(b=x{user}))", USER, LIA_SPAN("(\0é")),
               "(|(a=\\28\\00\\C3\\A9)(b=x\\28\\00\\C3\\A9))");
}

TEST(a_name_of_an_entry_has_one_form)
{
    static const struct {
        const char *name, *form; /* NULL: it is none */
    } cases[] = {
        {"cn=Sales,ou=Groups,dc=example,dc=com", "cn=sales,ou=groups,dc=example,dc=com"},
        {"CN = Sales , OU=Groups, DC=example,DC=com", "cn=sales,ou=groups,dc=example,dc=com"},
        {"cn=Sales\\, field,dc=com", "cn=sales\\2c field,dc=com"},
        {"cn=Sales\\2c field,dc=com", "cn=sales\\2c field,dc=com"},
        {"", NULL},
        {"sales", NULL},
        {"cn=", "cn="},
        {"cn=a,,dc=b", NULL},
        {"=a", NULL},
        {"cn=\"a", NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        begin();
        const char *form = lia_ldap_name_form(&arena, cases[i].name);
        if (!form != !cases[i].form) print_error("%s: %s\n", cases[i].name, form);
        CHECK_EQ(form != NULL, cases[i].form != NULL);
        if (form) CHECK_TEXT(form, cases[i].form);
        CHECK_EQ(!lia_ldap_name_check(cases[i].name, NULL), cases[i].form != NULL);
    }
}

TEST(an_attribute_has_a_name_or_a_number)
{
    CHECK_OK(lia_ldap_attribute_check("mail", NULL));
    CHECK_OK(lia_ldap_attribute_check("1.3.6.1.4.1.1466", NULL));
    CHECK_ERR(lia_ldap_attribute_check("", NULL), LIA_EINVAL);
    CHECK_ERR(lia_ldap_attribute_check("ma il", NULL), LIA_EINVAL);
    CHECK_ERR(lia_ldap_attribute_check("*", NULL), LIA_EINVAL);
    CHECK_ERR(lia_ldap_attribute_check("uid=x)(a", NULL), LIA_EINVAL);
}
