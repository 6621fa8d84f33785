/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/words.h"

#include <stdio.h>

#include "common/search/question.h"
#include "common/wire/utf8.h"
#include "tests/support/test.h"

/* "plain/spelt plain ..." */
static const char *words_of(const char *text)
{
    static char out[1024];
    size_t size = 0;
    lia_text_words words;
    lia_text_word word;
    lia_text_words_begin(&words, lia_span_text(text));
    out[0] = 0;
    while (lia_text_words_next(&words, &word)) {
        size += (size_t)snprintf(out + size, sizeof out - size, "%s%.*s", size ? " " : "",
                                 (int)word.plain.size, (const char *)word.plain.data);
        if (word.spelt.size)
            size += (size_t)snprintf(out + size, sizeof out - size, "/%.*s", (int)word.spelt.size,
                                     (const char *)word.spelt.data);
    }
    return out;
}

TEST(words_lose_case_and_accents_and_umlauts_have_two_forms)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"Anna Müller", "anna muller/mueller"},
        {"MU\xcc\x88LLER", "muller/mueller"}, /* u and its dots apart */
        {"Ångström", "angstrom/aangstroem"},
        {"Søren", "soren/soeren"},
        {"Straße Ærø", "strasse aero/aeroe"},
        {"Élodie Çelik Łukasz", "elodie celik lukasz"},
        {"O'Brien-Żółty", "obrien zolty"},
        {"mei.chen+crm@gmail.com", "mei chen crm gmail com"},
        {"C-10023/7", "c 10023 7"},
        {"Ирина Ёлкина", "ирина елкина"},
        {"王小明 Wang", "王 小 明 wang"},
        {"a\xff"
         "b",
         "a b"},
        {"½ ﬁt", "12 fit"},
        {" ,;- ", ""},
        {"", ""},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++)
        CHECK_TEXT(words_of(cases[i].text), cases[i].want);
}

TEST(words_say_where_they_stand)
{
    lia_span text = LIA_SPAN("  Zoë  Müller!");
    lia_text_words words;
    lia_text_word word;
    lia_text_words_begin(&words, text);
    CHECK(lia_text_words_next(&words, &word));
    CHECK_BYTES(lia_span_make(text.data + word.from, word.to - word.from), LIA_SPAN("Zoë"));
    CHECK(lia_text_words_next(&words, &word));
    CHECK_BYTES(lia_span_make(text.data + word.from, word.to - word.from), LIA_SPAN("Müller"));
    CHECK(!lia_text_words_next(&words, &word));
}

TEST(a_word_without_end_is_cut_at_a_letter)
{
    char text[8001];
    lia_text_words words;
    lia_text_word word;
    for (size_t i = 0; i < 8000; i += 2) memcpy(text + i, "я", 2);
    lia_text_words_begin(&words, lia_span_make(text, 8000));
    CHECK(lia_text_words_next(&words, &word));
    CHECK_EQ(word.plain.size, LIA_WORD_BYTES_MAX);
    CHECK(lia_utf8_valid(word.plain));
    CHECK_EQ(word.to, 8000);
    CHECK(!lia_text_words_next(&words, &word));
}

TEST(one_typing_error_is_forgiven_and_two_are_not)
{
    static const struct {
        const char *a, *b;
        bool near;
    } cases[] = {
        {"schmidt", "schmidt", true},
        {"schmidt", "schmitt", true},
        {"schmidt", "schmid", true},
        {"schmid", "schmidt", true},
        {"schmidt", "shcmidt", true},
        {"schmidt", "chmidt", true},
        {"schmidt", "xschmidt", true},
        {"schmidt", "schmidtx", true},
        {"schmidt", "schmitd", true},
        {"schmidt", "schmi", false},
        {"schmidt", "schnitt", false},
        {"schmidt", "hscmitd", false},
        {"schmidt", "schxmixdt", false},
        {"abcd", "badc", false},
        {"abcd", "cbad", false},
        {"жанна", "жана", true},
        {"жанна", "шанна", true},
        {"жанна", "ажнна", true},
        {"", "a", true},
        {"", "ab", false},
        {"", "", true},
    };
    for (size_t i = 0; i < LIA_COUNT(cases); i++) {
        lia_span a = lia_span_text(cases[i].a), b = lia_span_text(cases[i].b);
        if (lia_near(a, b) != cases[i].near) print_error("%s %s\n", cases[i].a, cases[i].b);
        CHECK_EQ(lia_near(a, b), cases[i].near);
        CHECK_EQ(lia_near(b, a), cases[i].near);
    }
    CHECK(lia_near_start(LIA_SPAN("liaisn"), LIA_SPAN("liaisons")));
    CHECK(lia_near_start(LIA_SPAN("schmdt"), LIA_SPAN("schmidtberger")));
    CHECK(lia_near_start(LIA_SPAN("shcmidt"), LIA_SPAN("schmidtberger")));
    CHECK(!lia_near_start(LIA_SPAN("schmixx"), LIA_SPAN("schmidtberger")));
    CHECK(!lia_near_start(LIA_SPAN("anma"), LIA_SPAN("annaberg"))); /* too short to be guessed */
    CHECK(!lia_near_wanted(LIA_SPAN("eva")) && lia_near_wanted(LIA_SPAN("emma")));
    CHECK(!lia_near_wanted(LIA_SPAN("a10023")));
}

/* Edit distance with swaps of neighbours by the book (optimal string alignment), against the quick
 * way. */
TEST(near_is_an_edit_distance_of_one)
{
    lia_dice dice = {7};
    for (size_t round = 0; round < 200000; round++) {
        char a[8], b[8];
        size_t d[9][9], n = lia_dice_below(&dice, 7), m = lia_dice_below(&dice, 7);
        for (size_t i = 0; i < n; i++) a[i] = (char)('a' + lia_dice_below(&dice, 2));
        for (size_t i = 0; i < m; i++) b[i] = (char)('a' + lia_dice_below(&dice, 2));
        for (size_t i = 0; i <= n; i++)
            for (size_t j = 0; j <= m; j++) {
                if (!i || !j) {
                    d[i][j] = i + j;
                    continue;
                }
                size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
                if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
                if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                    d[i - 2][j - 2] + 1 < best)
                    best = d[i - 2][j - 2] + 1;
                d[i][j] = best;
            }
        CHECK_EQ(lia_near(lia_span_make(a, n), lia_span_make(b, m)), d[n][m] <= 1);
    }
}

/* ---- questions ------------------------------------------------------------------------------- */

static lia_arena arena;

static size_t read_text(const char *text, lia_reading out[2], lia_why *why)
{
    size_t count;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, 1 << 20));
    lia_arena_reset(&arena);
    lia_err err =
        lia_question_read(out, &count, lia_span_text(text), (lia_country){"DE"}, &arena, why);
    CHECK(!err || err == LIA_EINVAL);
    return err ? 0 : count;
}

TEST(digits_are_read_as_a_telephone_number_and_as_words)
{
    static lia_reading out[2];
    lia_why why = {{0}};
    CHECK_EQ(read_text("Anna 030 / 1234-56", out, &why), 2);
    CHECK_EQ(out[0].count, 2);
    CHECK_BYTES(out[0].list[1].written, LIA_SPAN("030 / 1234-56"));
    CHECK_BYTES(lia_span_make(out[0].list[1].phone.whole, out[0].list[1].phone.whole_size),
                LIA_SPAN("4930123456"));
    CHECK_BYTES(lia_span_make(out[0].list[1].phone.back, out[0].list[1].phone.back_size),
                LIA_SPAN("65432103"));
    CHECK_EQ(out[1].count, 4);

    CHECK_EQ(read_text("10023", out, &why), 1); /* a word and a number at once */
    CHECK_EQ(out[0].list[0].plain_size, 5);
    CHECK_BYTES(lia_span_make(out[0].list[0].phone.back, out[0].list[0].phone.back_size),
                LIA_SPAN("32001"));
    CHECK_EQ(read_text("C10023456 Anna", out, &why),
             1); /* letters before it: no telephone number */
    CHECK_EQ(out[0].list[0].phone.back_size, 0);
    CHECK_EQ(read_text("1234", out, &why), 1);
    CHECK_EQ(out[0].list[0].phone.back_size, 0);
    /* What an apostrophe holds together is one word, in a question as in a record. */
    CHECK_EQ(read_text("10023456`8", out, &why), 1);
    CHECK_EQ(out[0].count, 1);
    CHECK_BYTES(lia_wanted_plain(&out[0].list[0]), LIA_SPAN("100234568"));
    CHECK_EQ(out[0].list[0].phone.back_size, 0);
}

TEST(a_question_that_cannot_be_asked_says_why)
{
    static lia_reading out[2];
    char text[LIA_SEARCH_TEXT_MAX + 2];
    lia_why why = {{0}};
    CHECK_EQ(read_text("", out, &why), 0);
    CHECK_TEXT(why.text, "q: a word, a number or a part of one is wanted");
    CHECK_EQ(read_text(" - ? ", out, &why), 0);
    CHECK_EQ(read_text("\xff\xfe", out, &why), 0);
    CHECK_TEXT(why.text, "q: this is not UTF-8");
    CHECK_EQ(read_text("a b c d e f g h i", out, &why), 0);
    CHECK_TEXT(why.text, "q: at most 8 words are looked for at once");
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    CHECK_EQ(read_text(text, out, &why), 0);
    CHECK_TEXT(why.text, "q: 257 bytes, at most 256 can be looked for");
    text[sizeof text - 2] = 0;
    CHECK_EQ(read_text(text, out, &why), 1);
}
