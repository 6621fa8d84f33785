/* SPDX-License-Identifier: Apache-2.0 */
/* Several keys of each kind, because every one of them can be wrong in one of two records: a pair
 * is missed only when all are. */
#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "common/identity/fold.h"
#include "common/identity/profile_inner.h"
#include "common/identity/similar.h"

#define NAME_WORDS_MAX 3 /* words that make pairs: three pairs */
#define PLACE_LETTERS  3
#define KEY_TEXT_MAX   (LIA_MATCH_KEY_BYTES - LIA_DIGEST_SIZE)

static lia_span key_text(lia_match_tag tag, const lia_span *parts, size_t count, lia_arena *arena)
{
    lia_buf text = lia_buf_make(arena);
    lia_buf_byte(&text, (uint8_t)tag);
    for (size_t i = 0; i < count; i++) {
        if (i) lia_buf_byte(&text, ' ');
        lia_buf_span(&text, parts[i]);
    }
    return text.failed ? LIA_SPAN_NONE : lia_buf_get(&text);
}

/* Long keys keep what they begin with and end in two hex digits for each byte of half a digest. */
static lia_span shortened(lia_span text, lia_arena *arena)
{
    uint8_t digest[LIA_DIGEST_SIZE];
    char hex[LIA_DIGEST_SIZE + 1];
    lia_digest_of("match key", &text, 1, digest);
    lia_hex_print(lia_span_make(digest, LIA_DIGEST_SIZE / 2), hex);
    lia_buf out = lia_buf_make(arena);
    lia_buf_add(&out, text.data, KEY_TEXT_MAX);
    lia_buf_add(&out, hex, LIA_DIGEST_SIZE);
    return out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

size_t lia_profile_key(lia_profile *profile, lia_match_tag tag, const lia_span *parts, size_t count,
                       bool certain, lia_arena *arena)
{
    lia_span bytes = key_text(tag, parts, count, arena);
    if (bytes.size > LIA_MATCH_KEY_BYTES) bytes = shortened(bytes, arena);
    if (!bytes.size) return LIA_MATCH_KEYS_MAX;
    for (size_t i = 0; i < profile->key_count; i++) {
        if (!lia_span_equal(profile->keys[i].bytes, bytes)) continue;
        profile->keys[i].certain |= certain;
        return i;
    }
    if (profile->key_count == LIA_MATCH_KEYS_MAX) return LIA_MATCH_KEYS_MAX;
    profile->keys[profile->key_count] = (lia_match_key){.bytes = bytes, .certain = certain};
    return profile->key_count++;
}

/* ---- names ---------------------------------------------------------------------------------- */

/* A word, or the number of a group of given names that it belongs to. */
typedef struct unit {
    uint8_t bytes[3 * LIA_NAME_LETTERS_MAX];
    size_t size;
} unit;

static lia_span unit_span(const unit *u)
{
    return lia_span_make(u->bytes, u->size);
}

/* Writes the units of a word; returns how many, 1 or 2. */
static size_t units_of(const lia_name_token *token, unit out[2])
{
    size_t count = 0;
    for (; count < 2 && token->nicknames[count]; count++) {
        uint8_t group = token->nicknames[count];
        out[count] = (unit){{'#', (uint8_t)('A' + group / 16), (uint8_t)('A' + group % 16)}, 3};
    }
    if (count) return count;
    out[0].size = lia_name_token_print(token, out[0].bytes);
    return 1;
}

static size_t add_pair(lia_profile *profile, const unit *a, const unit *b, lia_arena *arena)
{
    lia_span parts[2] = {unit_span(a), unit_span(b)};
    if (lia_span_compare(parts[0], parts[1]) > 0) {
        parts[0] = unit_span(b);
        parts[1] = unit_span(a);
    }
    return lia_profile_key(profile, LIA_KEY_NAME, parts, 2, false, arena);
}

static void add_pairs(lia_profile *profile, const lia_name_token *a, const lia_name_token *b,
                      lia_arena *arena)
{
    unit left[2], right[2];
    size_t lefts = units_of(a, left), rights = units_of(b, right);
    for (size_t i = 0; i < lefts; i++)
        for (size_t j = 0; j < rights; j++) {
            size_t key = add_pair(profile, &left[i], &right[j], arena);
            if (profile->name_key == LIA_MATCH_KEYS_MAX) profile->name_key = (uint8_t)key;
        }
}

/* The words that make keys: the first ones and the last, which is most often the family name. */
static size_t chosen_words(const lia_name *name, const lia_name_token *out[NAME_WORDS_MAX])
{
    size_t count = name->count < NAME_WORDS_MAX ? name->count : NAME_WORDS_MAX;
    for (size_t i = 0; i < count; i++) out[i] = &name->tokens[i];
    if (count) out[count - 1] = &name->tokens[name->count - 1];
    return count;
}

static void add_name_pairs(lia_profile *profile, const lia_name_token *const *words, size_t count,
                           lia_arena *arena)
{
    for (size_t i = count; i-- > 0;)
        for (size_t j = i; j-- > 0;) add_pairs(profile, words[j], words[i], arena);
    if (count == 1 && profile->type == LIA_TYPE_ORGANIZATION) {
        lia_span word = profile->name_text;
        profile->name_key = (uint8_t)lia_profile_key(profile, LIA_KEY_NAME, &word, 1, false, arena);
    }
}

/* ---- sound, place, birthday ------------------------------------------------------------------ */

static lia_span first_letter(const lia_name_token *token, uint8_t out[4])
{
    return lia_span_make(out, lia_fold_letter(token->letters[0], out));
}

static lia_span place_start(const lia_place *place)
{
    lia_span text = place->postcode.size ? place->postcode : place->city;
    if (text.size > PLACE_LETTERS) text.size = PLACE_LETTERS;
    return text;
}

static void add_sound(lia_profile *profile, const lia_name_token *heard,
                      const lia_name_token *other, lia_arena *arena)
{
    uint8_t sound[LIA_SOUNDEX_MAX], letter[4];
    lia_span parts[3] = {lia_span_make(sound, lia_soundex(heard, sound)),
                         first_letter(other, letter), LIA_SPAN_NONE};
    for (size_t i = 0; i < profile->place_count; i++) {
        parts[2] = place_start(&profile->places[i]);
        if (parts[2].size) (void)lia_profile_key(profile, LIA_KEY_SOUND, parts, 3, false, arena);
    }
}

static void add_sound_pair(lia_profile *profile, const lia_name_token *a, const lia_name_token *b,
                           lia_arena *arena)
{
    uint8_t of_a[LIA_SOUNDEX_MAX], of_b[LIA_SOUNDEX_MAX];
    lia_span parts[2] = {lia_span_make(of_a, lia_soundex(a, of_a)),
                         lia_span_make(of_b, lia_soundex(b, of_b))};
    if (lia_span_compare(parts[0], parts[1]) > 0) {
        lia_span keep = parts[0];
        parts[0] = parts[1];
        parts[1] = keep;
    }
    (void)lia_profile_key(profile, LIA_KEY_SOUNDS, parts, 2, false, arena);
}

/* Finds a name whose other word is an initial, or misspelt behind its first letter. */
static void add_initial(lia_profile *profile, const lia_name_token *word,
                        const lia_name_token *other, lia_arena *arena)
{
    uint8_t letter[4], text[3 * LIA_NAME_LETTERS_MAX];
    lia_span parts[2] = {lia_span_make(text, lia_name_token_print(word, text)),
                         first_letter(other, letter)};
    if (word->count > 1) (void)lia_profile_key(profile, LIA_KEY_INITIAL, parts, 2, false, arena);
}

static void add_sounds(lia_profile *profile, const lia_name_token *const *words, size_t count,
                       lia_arena *arena)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            if (i != j) add_sound(profile, words[i], words[j], arena);
            if (i != j) add_initial(profile, words[i], words[j], arena);
            if (i < j) add_sound_pair(profile, words[i], words[j], arena);
        }
    if (count == 1) add_sound(profile, words[0], words[0], arena);
}

static void add_birthday(lia_profile *profile, const lia_name_token *const *words, size_t count,
                         lia_arena *arena)
{
    char days[16];
    int size = snprintf(days, sizeof days, "%d", profile->birthday);
    for (size_t i = 0; profile->has_birthday && i < count; i++) {
        uint8_t letter[4];
        lia_span parts[2] = {lia_span_make(days, (size_t)size), first_letter(words[i], letter)};
        (void)lia_profile_key(profile, LIA_KEY_BIRTHDAY, parts, 2, false, arena);
    }
}

void lia_profile_name_keys(lia_profile *profile, lia_arena *arena)
{
    const lia_name_token *words[NAME_WORDS_MAX];
    size_t count = chosen_words(&profile->name, words);
    add_name_pairs(profile, words, count, arena);
    add_sounds(profile, words, count, arena);
    add_birthday(profile, words, count, arena);
}

unsigned lia_holders_step(uint32_t holders)
{
    if (holders <= 2) return 0;
    if (holders > LIA_MATCH_HOLDERS_MAX) return LIA_HOLDER_STEPS - 1;
    return 31 - (unsigned)__builtin_clz(holders);
}
