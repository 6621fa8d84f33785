/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/password.h"

#include "common/base/crypto.h"
#include "tests/support/test.h"

TEST(what_is_tried_first_is_refused_with_a_reason)
{
    static const struct {
        const char *password;
        bool good;
    } cases[] = {
        {"short", false},
        {"aaaaaaaaaaaa", false},
        {"1234567890", false},
        {"9876543210", false},
        {"abcdefghijklm", false},
        {"Password2026", false},
        {"LIAISON!!!", false},
        {"administrator1", false},
        {"qwertyuiop123", false},
        {"mei@example.com1", false},
        {"Mei Tan 2026", false},
        {"correct horse", true},
        {"password is not enough", true},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6", true},
    };
    const lia_span mine[] = {LIA_SPAN("mei@example.com"), LIA_SPAN("mei tan"), LIA_SPAN("mei")};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_why why = {{0}};
        lia_err err = lia_password_check(lia_span_text(cases[i].password), mine, 3, &why);
        if (!err != cases[i].good) print_error("%s\n", cases[i].password);
        CHECK_EQ(err, cases[i].good ? LIA_OK : LIA_EINVAL);
        CHECK_EQ(!why.text[0], cases[i].good);
    }
}

TEST(a_hash_knows_its_password_and_no_other)
{
    char text[LIA_PASSWORD_TEXT_SIZE], again[LIA_PASSWORD_TEXT_SIZE];
    CHECK_OK(lia_crypto_init());
    CHECK_OK(lia_password_hash(LIA_SPAN("correct horse"), text));
    CHECK_OK(lia_password_hash(LIA_SPAN("correct horse"), again));
    CHECK(!strncmp(text, "$argon2id$", 10));
    CHECK(strcmp(text, again) != 0);
    CHECK(lia_password_is(LIA_SPAN("correct horse"), text));
    CHECK(!lia_password_is(LIA_SPAN("correct horsf"), text));
    CHECK(!lia_password_is(LIA_SPAN(""), text));
    CHECK(!lia_password_is(LIA_SPAN("x"), ""));
    CHECK(!lia_password_is(LIA_SPAN("x"), "$argon2id$v=19$m=19456,t=2,p=1$short"));
}
