/* SPDX-License-Identifier: Apache-2.0 */
#include "common/mail/message.h"

#include "common/mail/mail.h"
#include "tests/support/test.h"

static lia_arena arena;

static void fresh(void)
{
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
}

static const char *words(const char *text)
{
    fresh();
    lia_buf out = lia_buf_make(&arena);
    lia_mail_put_words(&out, lia_span_text(text));
    lia_buf_byte(&out, 0);
    CHECK(!out.failed);
    return (const char *)out.data;
}

static const char *mailbox(const char *name)
{
    fresh();
    lia_buf out = lia_buf_make(&arena);
    lia_mail_put_mailbox(&out, lia_span_text(name), LIA_SPAN("a@b.c"));
    lia_buf_byte(&out, 0);
    return (const char *)out.data;
}

TEST(addresses_are_plain_or_none)
{
    static const char *const good[] = {"ana@example.com", "a.b+c@x", "o'neil@sub.example.org",
                                       "1@2.3", "{odd}!#$%&*/=?^`|~@example.com"};
    static const char *const bad[] = {"",
                                      "ana",
                                      "@example.com",
                                      "ana@",
                                      "ana@@example.com",
                                      "a b@example.com",
                                      ".a@example.com",
                                      "a.@example.com",
                                      "a..b@example.com",
                                      "a@b..c",
                                      "a@b.",
                                      "\"a\"@example.com",
                                      "a@[127.0.0.1]",
                                      "a@b_c.d",
                                      "Ana <a@b.c>",
                                      "a@b.c, d@e.f",
                                      "a@b.c\r\nRCPT TO:<d@e.f>",
                                      "a\n@b.c",
                                      "m\xc3\xbcller@example.com"};
    for (size_t i = 0; i < LIA_COUNT(good); i++) CHECK(lia_mail_address_ok(lia_span_text(good[i])));
    for (size_t i = 0; i < LIA_COUNT(bad); i++) CHECK(!lia_mail_address_ok(lia_span_text(bad[i])));
    CHECK(!lia_mail_address_ok(LIA_SPAN("a@b\0c"))); /* with the NUL */
}

TEST(words_are_ascii_lines_that_cannot_add_headers)
{
    CHECK_TEXT(words("Your invitation"), "Your invitation");
    CHECK_TEXT(words("M\xc3\xbcller"), "=?UTF-8?B?TcO8bGxlcg==?=");
    CHECK_TEXT(words("a\r\nBcc: x@y.z"), "=?UTF-8?B?YSAgQmNjOiB4QHkueg==?="); /* "a  Bcc: x@y.z" */
    CHECK_TEXT(words("=?UTF-8?Q?x?="), "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?=");
}

TEST(long_words_are_folded_between_characters)
{
    char text[301] = "";
    for (size_t i = 0; i < 150; i++) strcat(text, "\xc3\xbc");
    const char *line = words(text);
    size_t longest = 0;
    for (const char *at = line; *at;) {
        size_t size = strcspn(at, "\r\n");
        if (size > longest) longest = size;
        at += size;
        if (!*at) break;
        CHECK(strncmp(at, "\r\n =?UTF-8?B?", 13) == 0);
        at += 2;
    }
    CHECK(longest <= 76); /* RFC 2047, 2, and the space of folding */
}

TEST(names_are_quoted_where_they_must_be)
{
    CHECK_TEXT(mailbox(""), "a@b.c");
    CHECK_TEXT(mailbox("Ana Lima"), "Ana Lima <a@b.c>");
    CHECK_TEXT(mailbox("Lima, Ana"), "\"Lima, Ana\" <a@b.c>");
    CHECK_TEXT(mailbox("A \"B\" C"), "\"A \\\"B\\\" C\" <a@b.c>");
    CHECK_TEXT(mailbox("Zo\xc3\xab"), "=?UTF-8?B?Wm/Dqw==?= <a@b.c>");
}

TEST(attempts_come_at_growing_distances)
{
    CHECK_EQ(lia_mail_delay_ms(1), 60 * 1000);
    CHECK_EQ(lia_mail_delay_ms(2), 2 * 60 * 1000);
    CHECK_EQ(lia_mail_delay_ms(9), 4 * 3600 * 1000);
    CHECK_EQ(lia_mail_delay_ms(4000000000u), 4 * 3600 * 1000);
}
