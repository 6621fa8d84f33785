/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/crypto.h"
#include "common/base/decimal.h"
#include "common/base/money.h"
#include "tests/support/test.h"

TEST(a_full_arena_says_so_and_a_reset_makes_room)
{
    lia_arena arena;
    CHECK_OK(lia_arena_init(&arena, 8192));
    CHECK(lia_arena_take(&arena, 8000));
    CHECK(!lia_arena_take(&arena, 8000));
    CHECK(arena.exhausted);
    lia_arena_reset(&arena);
    CHECK(!arena.exhausted);
    CHECK(lia_arena_take(&arena, 8000));
    CHECK(!lia_arena_take(&arena, SIZE_MAX));
    lia_arena_fini(&arena);
}

TEST(money_reads_decimal_text_in_minor_units)
{
    static const struct {
        const char *text, *currency;
        int64_t minor;
        lia_err err;
    } cases[] = {
        {"11.77", "USD", 1177, LIA_OK},
        {"11.7", "USD", 1170, LIA_OK},
        {"-3", "EUR", -300, LIA_OK},
        {"5", "JPY", 5, LIA_OK},
        {"5.1", "JPY", 0, LIA_EINVAL},
        {"5.00", "JPY", 5, LIA_OK},
        {"1.234", "KWD", 1234, LIA_OK},
        {"1.234", "USD", 0, LIA_EINVAL},
        {"", "USD", 0, LIA_EINVAL},
        {".", "USD", 0, LIA_EINVAL},
        {"1e3", "USD", 0, LIA_EINVAL},
        {"1", "usd", 0, LIA_EINVAL},
        {"92233720368547758.08", "USD", 0, LIA_EINVAL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_money got = {0};
        CHECK_ERR(lia_money_parse(lia_span_text(cases[i].text), cases[i].currency, &got),
                  cases[i].err);
        if (!cases[i].err) CHECK_EQ(got.amount_minor, cases[i].minor);
    }
}

TEST(decimals_are_exact_and_print_as_they_read)
{
    static const struct {
        const char *text;
        unsigned scale;
        int64_t value;
        const char *printed; /* NULL: it is none */
    } cases[] = {
        {"12.5", 2, 1250, "12.50"},
        {"-0.05", 2, -5, "-0.05"},
        {".5", 1, 5, "0.5"},
        {"7", 0, 7, "7"},
        {"7.000", 0, 7, "7"},
        {"0.1", 9, 100000000, "0.100000000"},
        {"9223372036854775807", 0, INT64_MAX, "9223372036854775807"},
        {"-92233720368547758.07", 2, -INT64_MAX, "-92233720368547758.07"},
        {"92233720368547758.08", 2, 0, NULL},
        {"9223372036854775807", 1, 0, NULL},
        {"12.505", 2, 0, NULL},
        {"1e3", 2, 0, NULL},
        {"1,5", 2, 0, NULL},
        {"1.2.3", 2, 0, NULL},
        {"--1", 2, 0, NULL},
        {"+1", 2, 0, NULL},
        {" 1", 2, 0, NULL},
        {"-", 2, 0, NULL},
        {".", 2, 0, NULL},
        {"", 2, 0, NULL},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        int64_t got = 0;
        char text[LIA_DECIMAL_TEXT_SIZE];
        CHECK_ERR(lia_decimal_parse(lia_span_text(cases[i].text), cases[i].scale, &got),
                  cases[i].printed ? LIA_OK : LIA_EINVAL);
        CHECK_EQ(got, cases[i].value);
        if (!cases[i].printed) continue;
        CHECK_EQ(lia_decimal_print(got, cases[i].scale, text), strlen(cases[i].printed));
        CHECK_TEXT(text, cases[i].printed);
    }
    char text[LIA_DECIMAL_TEXT_SIZE];
    lia_decimal_print(INT64_MIN, 9, text);
    CHECK_TEXT(text, "-9223372036.854775808");
}

TEST(money_of_two_currencies_does_not_add)
{
    lia_money sum = {100, "USD"};
    CHECK_OK(lia_money_add(&sum, (lia_money){23, "USD"}));
    CHECK_ERR(lia_money_add(&sum, (lia_money){23, "EUR"}), LIA_EINVAL);
    CHECK_ERR(lia_money_add(&sum, (lia_money){INT64_MAX, "USD"}), LIA_EINVAL);
    CHECK_EQ(sum.amount_minor, 123);
}

/* Kept for ever: chains and derived ids of every release depend on these bytes (checked against
 * another implementation: Python's hashlib.blake2b with person= and key=). */
TEST(a_hash_is_personalised_blake2b_and_keyed_for_long_domains)
{
    static const struct {
        const char *domain, *hex;
    } cases[] = {
        {"liaison.chain", "4fd8bd88a3212c9c32732f322d8935a81d0f667bad06f72b2d0e319c565f573f"},
        {"a domain of more than 16 bytes",
         "c017d9a0d60a26ae999da48ae4867f5651ab67a40774eb3bfb60a03e1362349b"},
    };
    lia_span parts[] = {LIA_SPAN("hel"), LIA_SPAN_NONE, LIA_SPAN("lo")};
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_hash got = lia_hash_of(cases[i].domain, parts, LIA_COUNT(parts));
        char hex[2 * LIA_HASH_SIZE + 1];
        lia_hex_print(LIA_SPAN_OF(got), hex);
        CHECK_TEXT(hex, cases[i].hex);
    }
}

TEST(a_hash_depends_on_its_domain_and_a_signature_on_its_key)
{
    CHECK_OK(lia_crypto_init());
    lia_span part = LIA_SPAN("hello");
    lia_hash a = lia_hash_of("one", &part, 1), b = lia_hash_of("two", &part, 1);
    CHECK(!lia_hash_equal(&a, &b));
    lia_verify_key verify, other;
    lia_sign_key sign, sign_other;
    lia_sign_keys(&verify, &sign);
    lia_sign_keys(&other, &sign_other);
    lia_signature signature = lia_sign(&sign, part);
    CHECK(lia_sign_check(&verify, part, &signature));
    CHECK(!lia_sign_check(&other, part, &signature));
    CHECK(!lia_sign_check(&verify, LIA_SPAN("hullo"), &signature));
}

TEST(a_forked_child_draws_other_random_bytes_than_its_parent)
{
    CHECK_OK(lia_crypto_init());
    uint8_t first[16], mine[16], theirs[16] = {0};
    int pipe_ends[2];
    lia_random(first, sizeof first); /* the pool is filled */
    CHECK_EQ(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        lia_random(theirs, sizeof theirs);
        _exit(write(pipe_ends[1], theirs, sizeof theirs) == sizeof theirs ? 0 : 1);
    }
    lia_random(mine, sizeof mine);
    CHECK_EQ(read(pipe_ends[0], theirs, sizeof theirs), sizeof theirs);
    CHECK(memcmp(mine, theirs, sizeof mine) != 0);
    CHECK(memcmp(mine, first, sizeof mine) != 0);
    waitpid(child, NULL, 0);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TEST(base64url_has_one_text_for_the_same_bytes_and_no_letters_beyond_its_own)
{
    uint8_t bytes[64], again[64];
    size_t size;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 37);
    char text[LIA_BASE64URL_TEXT_SIZE(sizeof bytes)];
    lia_base64url_print(lia_span_make(bytes, sizeof bytes), text, sizeof text);
    CHECK_OK(lia_base64url_parse(lia_span_text(text), again, &size));
    CHECK(size == sizeof bytes && memcmp(bytes, again, size) == 0);
    /* Every byte at every place of a group: what is read prints as the same text. */
    for (size_t at = 0; at < 4; at++)
        for (unsigned letter = 0; letter < 256; letter++) {
            char four[5] = "AAAA", printed[8];
            four[at] = (char)letter;
            if (lia_base64url_parse(lia_span_make(four, 4), again, &size)) continue;
            lia_base64url_print(lia_span_make(again, size), printed, sizeof printed);
            CHECK_TEXT(printed, four);
        }
    CHECK_EQ(lia_base64url_parse(LIA_SPAN("AAAD\303\276\276\276"), again, &size), LIA_EINVAL);
    CHECK_EQ(lia_base64url_parse(LIA_SPAN("AB"), again, &size), LIA_EINVAL); /* stray bits */
}
