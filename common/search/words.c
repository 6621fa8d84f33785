/* SPDX-License-Identifier: Apache-2.0 */
/* Umlauts have two plain forms, and people use both: records keep both, so that either finds the
 * other without counting as a typing error. */
#include "common/search/words.h"

#include "common/identity/fold.h"
#include "common/wire/utf8.h"

/* ---- letters --------------------------------------------------------------------------------- */

/* What is appended where a letter is spelt out; 0: nothing. */
static char spelt_by(lia_span letter)
{
    if (letter.size != 2 || letter.data[0] != 0xc3) return 0;
    switch (letter.data[1] | 0x20) { /* U+00C0 to U+00DE and their small letters */
    case 0xa4:                       /* a, o and u with two dots, o with a stroke */
    case 0xb6:
    case 0xbc:
    case 0xb8:
        return 'e';
    case 0xa5: /* a with a ring */
        return 'a';
    default:
        return 0;
    }
}

static bool is_two_dots(lia_span letter)
{
    return letter.size == 2 && letter.data[0] == 0xcc && letter.data[1] == 0x88;
}

/* Ideographs and kana. */
static bool stands_alone(int32_t letter)
{
    return (letter >= 0x2e80 && letter < 0xa000) || (letter >= 0xf900 && letter < 0xfb00) ||
           (letter >= 0x20000 && letter < 0x40000);
}

static bool add(uint8_t *word, size_t *size, int32_t letter)
{
    uint8_t bytes[4];
    size_t count = lia_fold_letter(letter, bytes);
    if (*size + count > LIA_WORD_BYTES_MAX) return false;
    memcpy(word + *size, bytes, count);
    *size += count;
    return true;
}

/* ---- words ----------------------------------------------------------------------------------- */

void lia_text_words_begin(lia_text_words *words, lia_span text)
{
    words->text = text;
    words->at = 0;
}

/* One character of the text, folded. */
typedef struct folded {
    lia_span raw;
    int32_t letters[LIA_FOLD_MAX];
    size_t count;
    lia_fold_class class;
} folded;

static void fold(const lia_text_words *words, folded *out)
{
    lia_span rest = lia_span_skip(words->text, words->at);
    size_t step = lia_utf8_step(rest);
    out->raw = lia_span_make(rest.data, step ? step : 1);
    out->count = lia_fold_next(&rest, out->letters);
    out->class = LIA_FOLD_NOTHING;
    for (size_t i = 0; i < out->count; i++) {
        lia_fold_class class = lia_fold_classify(out->letters[i]);
        if (class == LIA_FOLD_LETTER) {
            out->class = class;
            return;
        }
        if (class == LIA_FOLD_SPLITS) out->class = class;
    }
}

/* The sizes of both forms; a form that is full takes no more. */
typedef struct sizes {
    size_t plain, spelt;
    bool differ, full;
} sizes;

static void append(lia_text_words *words, sizes *to, const folded *from)
{
    for (size_t i = 0; i < from->count && !to->full; i++) {
        if (lia_fold_classify(from->letters[i]) != LIA_FOLD_LETTER) continue;
        to->full = !add(words->plain, &to->plain, from->letters[i]) ||
                   !add(words->spelt, &to->spelt, from->letters[i]);
    }
    char last = to->plain ? (char)words->plain[to->plain - 1] : 0;
    char also = spelt_by(from->raw);
    if (is_two_dots(from->raw) && (last == 'a' || last == 'o' || last == 'u')) also = 'e';
    if (also && !to->full) to->differ |= add(words->spelt, &to->spelt, also);
}

bool lia_text_words_next(lia_text_words *words, lia_text_word *out)
{
    sizes size = {0};
    folded next;
    *out = (lia_text_word){0};
    for (; words->at < words->text.size; words->at += next.raw.size) {
        fold(words, &next);
        bool letter = next.class == LIA_FOLD_LETTER, dots = size.plain && is_two_dots(next.raw);
        bool alone = letter && stands_alone(next.letters[0]);
        if (size.plain && (next.class == LIA_FOLD_SPLITS || alone)) break;
        if (!letter && !dots) continue;
        if (!size.plain) out->from = words->at;
        append(words, &size, &next);
        out->to = words->at + next.raw.size;
        if (!alone) continue;
        words->at += next.raw.size;
        break;
    }
    out->plain = lia_span_make(words->plain, size.plain);
    if (size.differ) out->spelt = lia_span_make(words->spelt, size.spelt);
    return size.plain > 0;
}

/* ---- typing errors --------------------------------------------------------------------------- */

typedef struct letters {
    uint8_t starts[LIA_WORD_BYTES_MAX + 1]; /* of each letter, and the end */
    size_t count;
    lia_span word;
} letters;

static void split(letters *out, lia_span word)
{
    size_t at = 0;
    if (word.size > LIA_WORD_BYTES_MAX) word.size = LIA_WORD_BYTES_MAX;
    *out = (letters){.word = word};
    while (at < word.size) {
        size_t step = lia_utf8_step(lia_span_skip(word, at));
        out->starts[out->count++] = (uint8_t)at;
        at += step ? step : 1;
    }
    out->starts[out->count] = (uint8_t)word.size;
}

static lia_span letter_of(const letters *of, size_t i)
{
    return lia_span_make(of->word.data + of->starts[i],
                         (size_t)(of->starts[i + 1] - of->starts[i]));
}

static bool same(const letters *a, size_t i, const letters *b, size_t j)
{
    return lia_span_equal(letter_of(a, i), letter_of(b, j));
}

static bool has_digit(lia_span word)
{
    for (size_t i = 0; i < word.size; i++)
        if (word.data[i] >= '0' && word.data[i] <= '9') return true;
    return false;
}

bool lia_near_wanted(lia_span word)
{
    letters all;
    split(&all, word);
    return all.count >= LIA_NEAR_LETTERS_MIN && !has_digit(word);
}

/* The first `b_count` letters of `b` against all of `a`. */
static bool near_letters(const letters *a, const letters *b, size_t b_count)
{
    size_t start = 0, end = 0;
    size_t least = a->count < b_count ? a->count : b_count, most = a->count + b_count - least;
    if (most - least > 1) return false;
    while (start < least && same(a, start, b, start)) start++;
    while (end < least - start && same(a, a->count - 1 - end, b, b_count - 1 - end)) end++;
    size_t left = most - start - end;
    if (left <= 1) return true;
    return a->count == b_count && left == 2 && same(a, start, b, start + 1) &&
           same(a, start + 1, b, start);
}

bool lia_near(lia_span a, lia_span b)
{
    letters one, other;
    split(&one, a);
    split(&other, b);
    return near_letters(&one, &other, other.count);
}

bool lia_near_start(lia_span start, lia_span word)
{
    letters one, other;
    split(&one, start);
    split(&other, word);
    if (one.count < LIA_NEAR_START_MIN) return false;
    for (size_t count = one.count - 1; count <= one.count + 1 && count < other.count; count++)
        if (same(&one, one.count - 1, &other, count - 1) && near_letters(&one, &other, count))
            return true;
    return false;
}
