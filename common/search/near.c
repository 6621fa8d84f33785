/* SPDX-License-Identifier: Apache-2.0 */
/* Where the error may be, all letters are tried with which the index goes on there: walking from
 * one to the next is a seek, so the cost is that of a few hundred seeks, whatever the size of the
 * index. A list of words by their parts (trigrams, deletions) would be quicker and several times
 * the words' size. */
#include "common/search/near.h"

#include "common/search/words.h"
#include "common/wire/utf8.h"

typedef struct walk {
    lia_scan *scan;
    lia_span word;
    size_t letters;
    lia_near_take take;
    void *context;
    size_t steps;
} walk;

/* head + letter + the word from `rest` on */
static bool try(walk *w, lia_span head, lia_span letter, size_t rest, bool longer)
{
    uint8_t term[3 * LIA_WORD_BYTES_MAX];
    lia_span tail = lia_span_skip(w->word, rest);
    memcpy(term, head.data, head.size);
    if (letter.size) memcpy(term + head.size, letter.data, letter.size);
    if (tail.size) memcpy(term + head.size + letter.size, tail.data, tail.size);
    lia_span made = lia_span_make(term, head.size + letter.size + tail.size);
    if (lia_span_equal(made, w->word)) return true;
    return w->take(w->context, w->scan, made, longer);
}

/* The letter behind `head` of the first term that begins with it and then has `from` or something
 * higher. */
static bool next_letter(walk *w, lia_span head, lia_span from, uint8_t letter[4], size_t *size)
{
    uint8_t bytes[LIA_WORD_BYTES_MAX + 5];
    lia_span key, value;
    if (w->steps++ >= LIA_NEAR_STEPS_MAX) return false;
    memcpy(bytes, head.data, head.size);
    memcpy(bytes + head.size, from.data, from.size);
    lia_index_key start = lia_key_term_start(lia_span_make(bytes, head.size + from.size));
    lia_scan_seek(w->scan, lia_index_key_span(&start));
    if (!lia_scan_next(w->scan, &key, &value)) return false;
    size_t at = 1 + head.size;
    if (key.size <= at || memcmp(key.data + 1, head.data, head.size) != 0) return false;
    *size = lia_utf8_step(lia_span_skip(key, at));
    if (!*size || *size > 4) return false;
    memcpy(letter, key.data + at, *size);
    return true;
}

/* Another letter instead of the one at `at`, or one more before it. */
static bool try_letters(walk *w, size_t at, size_t step, bool longer)
{
    uint8_t from[5] = {' '}, letter[4];
    size_t from_size = 1, size;
    lia_span head = lia_span_make(w->word.data, at);
    while (next_letter(w, head, lia_span_make(from, from_size), letter, &size)) {
        lia_span tried = lia_span_make(letter, size);
        if (step && !try(w, head, tried, at + step, longer && at + step < w->word.size))
            return false;
        if (!try(w, head, tried, at, longer && step)) return false;
        memcpy(from, letter, size);
        from[size] = 0xff; /* behind all that goes on with it */
        from_size = size + 1;
    }
    return true;
}

/* The letters at `at` and behind it swapped. */
static bool try_swap(walk *w, size_t at, size_t step, bool longer)
{
    uint8_t pair[8];
    size_t next = lia_utf8_step(lia_span_skip(w->word, at + step));
    if (!next) return true;
    memcpy(pair, w->word.data + at + step, next);
    memcpy(pair + next, w->word.data + at, step);
    return try(w, lia_span_make(w->word.data, at), lia_span_make(pair, next + step),
               at + step + next, longer && at + step + next < w->word.size);
}

bool lia_near_terms(lia_scan *scan, lia_span word, lia_near_take take, void *context)
{
    walk w = {.scan = scan, .word = word, .take = take, .context = context};
    if (!word.size || word.size > LIA_WORD_BYTES_MAX) return true;
    for (size_t at = 0; at < word.size; at++) w.letters += (word.data[at] & 0xc0) != 0x80;
    bool longer = w.letters >= LIA_NEAR_START_MIN;
    for (size_t at = 0, step; at <= word.size; at += step ? step : 1) {
        step = lia_utf8_step(lia_span_skip(word, at));
        lia_span head = lia_span_make(word.data, at);
        bool left_out =
            !step || try(&w, head, LIA_SPAN_NONE, at + step, longer && at + step < word.size);
        if (!left_out) return false;
        if (step && !try_swap(&w, at, step, longer)) return false;
        if (!try_letters(&w, at, step, longer)) return false;
    }
    return true;
}
