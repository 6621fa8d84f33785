/* SPDX-License-Identifier: Apache-2.0 */
/* Names become words without order; what is compared is the words (match_name.c). */
#include "common/identity/fold.h"
#include "common/identity/name_words.h"
#include "common/identity/normal.h"

/* ---- splitting ------------------------------------------------------------------------------ */

static uint16_t squeeze(int32_t letter)
{
    return letter < 0x10000 ? (uint16_t)letter : (uint16_t)(0xe000 | (letter & 0xfff));
}

/* "ae", "oe" and "ue" are how a, o and u with two dots are written without them. */
static bool is_umlaut_tail(const lia_name_token *token, uint16_t letter)
{
    if (letter != 'e' || !token->count) return false;
    uint16_t last = token->letters[token->count - 1];
    return last == 'a' || last == 'o' || last == 'u';
}

static void add_letter(lia_name_token *token, int32_t letter)
{
    uint16_t squeezed = squeeze(letter);
    if (token->count < LIA_NAME_LETTERS_MAX && !is_umlaut_tail(token, squeezed))
        token->letters[token->count++] = squeezed;
}

/* Ends a word that has letters. */
static void end_token(lia_name *name)
{
    if (name->count < LIA_NAME_TOKENS_MAX && name->tokens[name->count].count) name->count++;
}

/* Appends the words of `text`. Unused tokens are zero. */
static void add_words(lia_name *name, lia_span text)
{
    if (text.size > LIA_NORMAL_TEXT_MAX) text.size = LIA_NORMAL_TEXT_MAX;
    while (text.size && name->count < LIA_NAME_TOKENS_MAX) {
        int32_t letters[LIA_FOLD_MAX];
        size_t count = lia_fold_next(&text, letters);
        for (size_t i = 0; i < count && name->count < LIA_NAME_TOKENS_MAX; i++) {
            lia_fold_class class = lia_fold_classify(letters[i]);
            if (class == LIA_FOLD_LETTER) add_letter(&name->tokens[name->count], letters[i]);
            if (class == LIA_FOLD_SPLITS) end_token(name);
        }
    }
    end_token(name);
}

/* Drops words that are `is` while at least `keep` are left. */
static void drop_listed(lia_name *name, lia_name_word_is is, size_t keep)
{
    for (size_t i = name->count; i-- > 0 && name->count > keep;) {
        if (!(lia_name_word_find(&name->tokens[i])->is & is)) continue;
        name->count--;
        memmove(&name->tokens[i], &name->tokens[i + 1], (name->count - i) * sizeof name->tokens[0]);
        memset(&name->tokens[name->count], 0, sizeof name->tokens[0]);
    }
}

static void find_nicknames(lia_name_token *token)
{
    const lia_name_word *word = lia_name_word_find(token);
    memcpy(token->nicknames, word->nicknames, sizeof token->nicknames);
}

static void mark_family(lia_name *name, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) name->tokens[i].family = true;
}

/* "Chen, Mei" has its family name first, "Mei Chen" last. */
static void split_full(lia_name *name, lia_span full)
{
    const uint8_t *comma = full.size ? memchr(full.data, ',', full.size) : NULL;
    size_t head = comma ? (size_t)(comma - full.data) : 0;
    if (!head) {
        add_words(name, full);
        return;
    }
    add_words(name, lia_span_make(full.data, head));
    mark_family(name, 0, name->count);
    add_words(name, lia_span_skip(full, head + 1));
}

void lia_name_of_person(lia_name *name, lia_span given, lia_span family, lia_span full)
{
    memset(name, 0, sizeof *name);
    if (given.size && family.size) {
        add_words(name, given);
        size_t first = name->count;
        add_words(name, family);
        mark_family(name, first, name->count);
        name->parted = first > 0 && name->count > first;
    } else if (full.size) {
        split_full(name, full);
    } else {
        add_words(name, given.size ? given : family);
        if (!given.size) mark_family(name, 0, name->count);
    }
    drop_listed(name, LIA_WORD_IS_TITLE, 1);
    drop_listed(name, LIA_WORD_IS_PARTICLE, 2);
    bool placed = false;
    for (size_t i = 0; i < name->count; i++) placed |= name->tokens[i].family;
    if (!placed && name->count > 1) name->tokens[name->count - 1].family = true;
    for (size_t i = 0; i < name->count; i++) find_nicknames(&name->tokens[i]);
}

void lia_name_of_organization(lia_name *name, lia_span full)
{
    memset(name, 0, sizeof *name);
    add_words(name, full);
    drop_listed(name, LIA_WORD_IS_LEGAL_FORM, 1);
}

size_t lia_name_token_print(const lia_name_token *token, uint8_t *out)
{
    size_t size = 0;
    for (size_t i = 0; i < token->count; i++)
        size += lia_fold_letter(token->letters[i], out + size);
    return size;
}
