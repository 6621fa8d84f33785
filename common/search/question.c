/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/question.h"

#include "common/wire/utf8.h"

/* ---- reading --------------------------------------------------------------------------------- */

static lia_err add(lia_reading *to, const lia_wanted *wanted, lia_why *why)
{
    if (to->count == LIA_SEARCH_WORDS_MAX)
        return lia_why_set(why, LIA_EINVAL, "q: at most %d words are looked for at once",
                           LIA_SEARCH_WORDS_MAX);
    to->list[to->count++] = *wanted;
    return LIA_OK;
}

static lia_wanted wanted_of(lia_span text, const lia_text_word *word)
{
    lia_wanted out = {.written = lia_span_make(text.data + word->from, word->to - word->from),
                      .plain_size = (uint8_t)word->plain.size,
                      .spelt_size = (uint8_t)word->spelt.size};
    memcpy(out.plain, word->plain.data, word->plain.size);
    if (word->spelt.size) memcpy(out.spelt, word->spelt.data, word->spelt.size);
    return out;
}

static lia_err add_words(lia_reading *to, lia_span text, lia_why *why)
{
    lia_text_words words;
    lia_text_word word;
    lia_err err = LIA_OK;
    lia_text_words_begin(&words, text);
    while (!err && lia_text_words_next(&words, &word)) {
        lia_wanted wanted = wanted_of(text, &word);
        err = add(to, &wanted, why);
    }
    return err;
}

/* A run of digits, as a telephone number; *words: it is of several words, and may be meant as
 * those. */
static lia_err add_phone(lia_reading *to, lia_span run, lia_country home, lia_arena *arena,
                         bool *several, lia_why *why)
{
    lia_text_words words;
    lia_text_word word, next;
    lia_wanted wanted = {.written = run};
    lia_text_words_begin(&words, run);
    if (lia_text_words_next(&words, &word)) wanted = wanted_of(run, &word);
    if (lia_text_words_next(&words, &next)) {
        *several = true;
        wanted.plain_size = wanted.spelt_size = 0;
    }
    wanted.written = run;
    lia_err err = lia_phone_of_question(&wanted.phone, run, home, arena);
    return err ? err : add(to, &wanted, why);
}

static lia_err read_as_phones(lia_reading *to, lia_span text, lia_country home, lia_arena *arena,
                              bool *several, lia_why *why)
{
    lia_span run;
    lia_err err = LIA_OK;
    while (!err && lia_phone_find(text, &run)) {
        size_t before = (size_t)(run.data - text.data);
        err = add_words(to, lia_span_make(text.data, before), why);
        if (!err) err = add_phone(to, run, home, arena, several, why);
        text = lia_span_skip(text, before + run.size);
    }
    return err ? err : add_words(to, text, why);
}

lia_err lia_question_read(lia_reading out[2], size_t *count, lia_span text, lia_country home,
                          lia_arena *arena, lia_why *why)
{
    bool several = false;
    *count = 0;
    out[0].count = out[1].count = 0;
    if (text.size > LIA_SEARCH_TEXT_MAX)
        return lia_why_set(why, LIA_EINVAL, "q: %zu bytes, at most %d can be looked for", text.size,
                           LIA_SEARCH_TEXT_MAX);
    if (!lia_utf8_valid(text)) return lia_why_set(why, LIA_EINVAL, "q: this is not UTF-8");
    lia_err err = read_as_phones(&out[0], text, home, arena, &several, why);
    if (!err && !out[0].count)
        err = lia_why_set(why, LIA_EINVAL, "q: a word, a number or a part of one is wanted");
    *count = 1;
    if (err || !several) return err;
    err = add_words(&out[1], text, why);
    *count = err ? 1 : 2; /* too many words for that */
    return LIA_OK;
}

/* ---- fitting --------------------------------------------------------------------------------- */

static lia_search_how fit(lia_span wanted, lia_span word)
{
    if (!wanted.size || !word.size) return LIA_SEARCH_NOT;
    if (lia_span_equal(wanted, word)) return LIA_SEARCH_EXACT;
    if (lia_span_starts(word, wanted)) return LIA_SEARCH_START;
    if (!lia_near_wanted(wanted)) return LIA_SEARCH_NOT;
    if (lia_near(wanted, word)) return LIA_SEARCH_NEAR;
    return lia_near_start(wanted, word) ? LIA_SEARCH_NEAR_START : LIA_SEARCH_NOT;
}

lia_search_how lia_wanted_word(const lia_wanted *wanted, const lia_text_word *word)
{
    const lia_span forms[] = {lia_wanted_plain(wanted), lia_wanted_spelt(wanted)};
    const lia_span words[] = {word->plain, word->spelt};
    lia_search_how best = LIA_SEARCH_NOT;
    for (size_t i = 0; i < LIA_COUNT(forms) && best != LIA_SEARCH_EXACT; i++)
        for (size_t j = 0; j < LIA_COUNT(words); j++) {
            lia_search_how how = fit(forms[i], words[j]);
            if (how > best) best = how;
        }
    return best;
}

lia_search_how lia_wanted_phone(const lia_wanted *wanted, const lia_phone_forms *phone)
{
    const lia_phone_forms *want = &wanted->phone;
    lia_span whole = lia_span_make(phone->whole, phone->whole_size);
    lia_span back = lia_span_make(phone->back, phone->back_size);
    if (want->whole_size && lia_span_starts(whole, lia_span_make(want->whole, want->whole_size)))
        return LIA_SEARCH_PHONE;
    if (want->back_size && lia_span_starts(back, lia_span_make(want->back, want->back_size)))
        return LIA_SEARCH_PHONE;
    return LIA_SEARCH_NOT;
}
