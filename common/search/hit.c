/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/hit.h"

#include "common/wire/utf8.h"

/* A text that is nothing but what was asked for, of which there is more than words that fit. */
#define WHOLE_BONUS 5
/* People look for people more often than for anything else. */
#define CUSTOMER_BONUS 4

typedef struct fit {
    unsigned weight; /* 0: it is not in the record */
    lia_search_how how;
    lia_text text;
} fit;

typedef struct holding {
    const lia_reading *reading;
    const lia_kind *kind;
    lia_country home;
    lia_arena *arena;
    fit fits[LIA_SEARCH_WORDS_MAX];
    unsigned whole; /* bonus of the best text that is nothing else */
} holding;

/* ---- does it fit? ---------------------------------------------------------------------------- */

static void improve(fit *best, const lia_text *text, lia_search_how how)
{
    unsigned weight = lia_fit_weight(text->class, how);
    if (weight > best->weight) *best = (fit){weight, how, *text};
}

static lia_err hold_phone(holding *h, const lia_text *text)
{
    lia_phone_forms forms;
    lia_err err = lia_phone_of_record(&forms, text->text, h->home, h->arena);
    for (size_t i = 0; i < h->reading->count && !err; i++)
        improve(&h->fits[i], text, lia_wanted_phone(&h->reading->list[i], &forms));
    return err;
}

static void hold_words(holding *h, const lia_text *text)
{
    lia_text_words words;
    lia_text_word word;
    size_t count = 0, exact = 0;
    lia_text_words_begin(&words, text->text);
    for (; lia_text_words_next(&words, &word); count++) {
        bool is_exact = false;
        for (size_t i = 0; i < h->reading->count; i++) {
            lia_search_how how = lia_wanted_word(&h->reading->list[i], &word);
            improve(&h->fits[i], text, how);
            is_exact |= how == LIA_SEARCH_EXACT;
        }
        exact += is_exact;
    }
    unsigned whole = lia_fit_weight(text->class, LIA_SEARCH_EXACT) / 10 * WHOLE_BONUS;
    if (exact == count && count >= h->reading->count && whole > h->whole) h->whole = whole;
}

static lia_err hold_all(holding *h, lia_span message)
{
    lia_text text;
    lia_texts texts = lia_texts_of(h->kind, message);
    lia_err err = LIA_OK;
    while (!err && lia_texts_next(&texts, &text))
        if (text.class == LIA_TEXT_PHONE)
            err = hold_phone(h, &text);
        else
            hold_words(h, &text);
    return err;
}

/* ---- what is shown --------------------------------------------------------------------------- */

static uint32_t letters_in(const uint8_t *from, const uint8_t *to)
{
    uint32_t count = 0;
    for (; from < to; from++) count += (*from & 0xc0) != 0x80;
    return count;
}

static void mark(lia_search_shown *shown, const uint8_t *from, const uint8_t *to)
{
    const uint8_t *start = shown->text.data, *end = start + shown->text.size;
    if (shown->range_count == LIA_SEARCH_RANGES_MAX || from < start || to > end) return;
    shown->ranges[shown->range_count++] =
        (lia_search_range){letters_in(start, from), letters_in(start, to)};
}

static bool is_wanted(const holding *h, const lia_text_word *word)
{
    for (size_t i = 0; i < h->reading->count; i++)
        if (lia_wanted_word(&h->reading->list[i], word)) return true;
    return false;
}

static void mark_words(const holding *h, lia_search_shown *shown)
{
    lia_text_words words;
    lia_text_word word;
    lia_text_words_begin(&words, shown->text);
    while (lia_text_words_next(&words, &word))
        if (is_wanted(h, &word))
            mark(shown, shown->text.data + word.from, shown->text.data + word.to);
}

/* The first wanted word of a text; its beginning when there is none. */
static size_t first_wanted(const holding *h, lia_span text)
{
    lia_text_words words;
    lia_text_word word;
    lia_text_words_begin(&words, text);
    while (lia_text_words_next(&words, &word))
        if (is_wanted(h, &word)) return word.from;
    return 0;
}

static size_t back_letters(lia_span text, size_t at, size_t letters)
{
    while (at > 0 && letters) {
        at--;
        letters -= (text.data[at] & 0xc0) != 0x80;
    }
    return at;
}

static size_t on_letters(lia_span text, size_t at, size_t letters)
{
    while (at < text.size && (letters || (text.data[at] & 0xc0) == 0x80)) {
        at++;
        if (at < text.size) letters -= letters && (text.data[at] & 0xc0) != 0x80;
    }
    return at;
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* A part of a text around what was looked for, from a word's beginning on. */
static void cut(const holding *h, lia_search_shown *shown, const lia_text *text)
{
    lia_span all = text->text;
    size_t at = first_wanted(h, all);
    size_t from = back_letters(all, at, LIA_SNIPPET_LETTERS / 4);
    while (from > 0 && from < at && !is_space(all.data[from - 1])) from++;
    size_t to = on_letters(all, from, LIA_SNIPPET_LETTERS);
    if (to < all.size)
        for (size_t back = to; back > at; back--)
            if (is_space(all.data[back])) {
                to = back;
                break;
            }
    shown->field = text->field;
    shown->text = lia_span_make(all.data + from, to - from);
    shown->cut_before = from > 0;
    shown->cut_after = to < all.size;
    if (text->class == LIA_TEXT_PHONE)
        mark(shown, shown->text.data, shown->text.data + shown->text.size);
    else
        mark_words(h, shown);
}

static void show(const holding *h, lia_search_hit *out, lia_span message)
{
    const fit *best = NULL;
    lia_span title = lia_text_title(h->kind, message);
    if (title.size) {
        lia_text_class class;
        lia_text text = {h->kind->title, LIA_TEXT_TITLE, title};
        cut(h, &out->title, &text);
        if (!lia_text_searched(h->kind, h->kind->title, &class)) out->title.range_count = 0;
    }
    for (size_t i = 0; i < h->reading->count; i++) {
        const fit *at = &h->fits[i];
        if (at->text.class != LIA_TEXT_TITLE && (!best || at->weight > best->weight)) best = at;
    }
    if (best) cut(h, &out->snippet, &best->text);
}

lia_err lia_hit_make(lia_search_hit *out, const lia_kind *kind, lia_span message,
                     const lia_reading *reading, lia_country home, lia_arena *arena, bool *fits)
{
    holding h = {.reading = reading, .kind = kind, .home = home, .arena = arena};
    lia_err err = hold_all(&h, message);
    *fits = !err;
    *out = (lia_search_hit){.kind = kind, .score = h.whole};
    for (size_t i = 0; i < reading->count && *fits; i++) {
        const fit *at = &h.fits[i];
        *fits = at->weight > 0;
        out->score += at->weight;
        out->reasons[i] = (lia_search_reason){reading->list[i].written, at->text.field, at->how};
    }
    if (!*fits) return err;
    if (kind->number == LIA_CUSTOMER) out->score += CUSTOMER_BONUS;
    out->reason_count = reading->count;
    show(&h, out, message);
    return LIA_OK;
}
