/* SPDX-License-Identifier: Apache-2.0 */
#include "common/ldap/groups.h"

#include <stdio.h>

#include "tests/support/test.h"

static lia_arena arena;

static lia_err parse(const char *text, lia_ldap_groups *out, lia_why *why)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)4 << 20));
    lia_arena_reset(&arena);
    *why = (lia_why){{0}};
    return lia_ldap_groups_parse(out, lia_span_text(text), &arena, why);
}

TEST(groups_say_what_their_members_get)
{
    lia_ldap_groups groups;
    lia_why why;
    CHECK_OK(parse("# who gets what\n\n"
                   "CN=Sales, ou=groups,dc=example -> role Seller ; team The field;role  Reader\r\n"
                   "\t* -> role Everybody\n"
                   "cn=a -\\> b,dc=example -> team Left -> right",
                   &groups, &why));
    CHECK_EQ(groups.count, 3);
    CHECK_TEXT(groups.all[0].name, "cn=sales,ou=groups,dc=example");
    CHECK_EQ(groups.all[0].role_count, 2);
    CHECK_TEXT(groups.all[0].roles[0], "Seller");
    CHECK_TEXT(groups.all[0].roles[1], "Reader");
    CHECK_TEXT(groups.all[0].team, "The field");
    CHECK(groups.all[1].name == NULL);
    CHECK_TEXT(groups.all[1].roles[0], "Everybody");
    CHECK_TEXT(groups.all[2].name, "cn=a -\\3e b,dc=example");
    CHECK_EQ(groups.all[2].role_count, 0);
    CHECK_TEXT(groups.all[2].team, "Left -> right");
}

TEST(every_mistake_of_a_groups_file_names_its_line)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "no line of it says anything"},
        {"# nothing\n", "no line of it says anything"},
        {"\ncn=a,dc=b", "line 2: 'group -> role NAME' is wanted"},
        {"sales -> role x", "line 1: before the arrow a group's name"},
        {"-> role x", "line 1: before the arrow a group's name"},
        {"** -> role x", "line 1: before the arrow a group's name"},
        {"* -> role x\n* ->", "line 2: behind the arrow"},
        {"* -> Seller", "line 1: behind the arrow"},
        {"* -> role", "line 1: behind the arrow"},
        {"* -> role ", "line 1: behind the arrow"},
        {"* -> roles x", "line 1: behind the arrow"},
        {"* -> role x;", NULL},
        {"* -> role x;;role y", "line 1: behind the arrow"},
        {"* -> team x; team y", "line 1: a person is in one team"},
        {"* -> role a;role b;role c;role d;role e;role f;role g;role h;role i;role j;role k;role l;"
         "role m;role n;role o;role p;role q",
         "line 1: at most 16 roles"},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_ldap_groups groups;
        lia_why why;
        lia_err err = parse(cases[i].text, &groups, &why);
        if (err && cases[i].want && !strstr(why.text, cases[i].want))
            print_error("%s: %s\n", cases[i].text, why.text);
        CHECK_EQ(err, cases[i].want ? LIA_EINVAL : LIA_OK);
        CHECK(!err || strstr(why.text, cases[i].want));
    }
}

TEST(a_groups_file_has_an_end)
{
    static char text[LIA_LDAP_GROUPS_FILE_MAX];
    lia_ldap_groups groups;
    lia_why why;
    for (size_t i = 0; i <= LIA_LDAP_GROUPS_MAX; i++) strcat(text, "* -> role x\n");
    CHECK_ERR(parse(text, &groups, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "line 257: at most 256 groups"));
    CHECK_EQ(groups.count, LIA_LDAP_GROUPS_MAX);
}

TEST(a_groups_file_that_cannot_be_read_is_named)
{
    char path[256];
    lia_why why = {{0}};
    CHECK_ERR(lia_ldap_groups_check("/no/such", &why), LIA_EIO);
    CHECK(strstr(why.text, "/no/such cannot be read: No such file"));
    snprintf(path, sizeof path, "%s/groups", lia_test_dir());
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    fputs("* -> role x\n* -> x\n", file);
    fclose(file);
    CHECK_ERR(lia_ldap_groups_check(path, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "groups, line 2: "));
    file = fopen(path, "w");
    for (size_t i = 0; i < LIA_LDAP_GROUPS_FILE_MAX; i++) fputs("# ", file);
    fclose(file);
    CHECK_ERR(lia_ldap_groups_check(path, &why), LIA_EINVAL);
    CHECK(strstr(why.text, "larger than 64 KiB"));
}
