/* SPDX-License-Identifier: Apache-2.0 */
/* Which letters have been matched is kept in the bits of one word for each side: names are shorter
 * than 32 letters, and a pair is scored in tens of nanoseconds. */
#include "common/identity/similar.h"

#include "common/identity/fold.h"

#define LETTERS_MAX  32
#define PREFIX_MAX   4
#define PREFIX_ABOVE 700
#define PREFIX_SHARE 10 /* each letter of the prefix takes a tenth of what is missing */

typedef struct word {
    uint16_t letters[LETTERS_MAX];
    size_t count;
} word;

/* Marks letters of `a` and `b` that are equal and at most `window` apart. */
static unsigned match_letters(const word *a, const word *b, uint32_t *in_a, uint32_t *in_b)
{
    size_t longer = a->count > b->count ? a->count : b->count;
    size_t window = longer / 2 > 0 ? longer / 2 - 1 : 0;
    unsigned matches = 0;
    for (size_t i = 0; i < a->count; i++) {
        size_t from = i > window ? i - window : 0;
        size_t to = i + window + 1 < b->count ? i + window + 1 : b->count;
        for (size_t j = from; j < to; j++) {
            if ((*in_b >> j & 1) || a->letters[i] != b->letters[j]) continue;
            *in_a |= UINT32_C(1) << i;
            *in_b |= UINT32_C(1) << j;
            matches++;
            break;
        }
    }
    return matches;
}

/* Matched letters that stand in another order, counted in halves as Jaro does. */
static unsigned transpositions(const word *a, const word *b, uint32_t in_a, uint32_t in_b)
{
    unsigned moved = 0;
    for (; in_a; in_a &= in_a - 1, in_b &= in_b - 1)
        moved += a->letters[__builtin_ctz(in_a)] != b->letters[__builtin_ctz(in_b)];
    return moved / 2;
}

/* Matching is greedy, so it starts from a fixed one of the two. */
static bool goes_first(const word *a, const word *b)
{
    if (a->count != b->count) return a->count > b->count;
    return memcmp(a->letters, b->letters, a->count * sizeof a->letters[0]) <= 0;
}

static unsigned similar(const word *a, const word *b)
{
    if (!goes_first(a, b)) {
        const word *keep = a;
        a = b;
        b = keep;
    }
    uint32_t in_a = 0, in_b = 0;
    unsigned matches = match_letters(a, b, &in_a, &in_b);
    if (!matches) return 0;
    unsigned kept = matches - transpositions(a, b, in_a, in_b);
    unsigned jaro = (1000 * matches / (unsigned)a->count + 1000 * matches / (unsigned)b->count +
                     1000 * kept / matches) /
                    3;
    if (jaro <= PREFIX_ABOVE) return jaro;
    unsigned prefix = 0;
    while (prefix < PREFIX_MAX && prefix < a->count && prefix < b->count &&
           a->letters[prefix] == b->letters[prefix])
        prefix++;
    return jaro + prefix * (1000 - jaro) / PREFIX_SHARE;
}

static word word_of_token(const lia_name_token *token)
{
    word out = {.count = token->count};
    memcpy(out.letters, token->letters, sizeof token->letters);
    return out;
}

static word word_of_bytes(lia_span bytes)
{
    word out = {.count = bytes.size < LETTERS_MAX ? bytes.size : LETTERS_MAX};
    for (size_t i = 0; i < out.count; i++) out.letters[i] = bytes.data[i];
    return out;
}

unsigned lia_similar(const lia_name_token *a, const lia_name_token *b)
{
    word left = word_of_token(a), right = word_of_token(b);
    return similar(&left, &right);
}

unsigned lia_similar_bytes(lia_span a, lia_span b)
{
    word left = word_of_bytes(a), right = word_of_bytes(b);
    return similar(&left, &right);
}

/* ---- sound ---------------------------------------------------------------------------------- */

/* Digits by letter; 'h' and 'w' do not separate equal digits, vowels ('0') do. */
static const char sounds[] = "01230120022455012623010202";
#define IS_SILENT(letter) ((letter) == 'h' || (letter) == 'w')

static bool is_latin(uint16_t letter)
{
    return letter >= 'a' && letter <= 'z';
}

static size_t first_letters(const lia_name_token *token, uint8_t *out)
{
    size_t size = 0;
    for (size_t i = 0; i < token->count && i < 4; i++)
        size += lia_fold_letter(token->letters[i], out + size);
    return size;
}

size_t lia_soundex(const lia_name_token *token, uint8_t out[LIA_SOUNDEX_MAX])
{
    if (!token->count || !is_latin(token->letters[0])) return first_letters(token, out);
    size_t size = 0;
    out[size++] = (uint8_t)token->letters[0];
    char last = sounds[token->letters[0] - 'a'];
    for (size_t i = 1; i < token->count && size < 4; i++) {
        uint16_t letter = token->letters[i];
        if (!is_latin(letter) || IS_SILENT(letter)) continue;
        char sound = sounds[letter - 'a'];
        if (sound != '0' && sound != last) out[size++] = (uint8_t)sound;
        last = sound;
    }
    while (size < 4) out[size++] = '0';
    return size;
}
