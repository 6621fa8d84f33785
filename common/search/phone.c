/* SPDX-License-Identifier: Apache-2.0 */
#include "common/search/phone.h"

#include "common/identity/fold.h"

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Digits up to what is no part of the number (an extension). */
static size_t digits_of(lia_span text, uint8_t out[LIA_PHONE_DIGITS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < text.size && text.data[i] != ';' && count < LIA_PHONE_DIGITS_MAX; i++)
        if (is_digit(text.data[i])) out[count++] = text.data[i];
    return count;
}

static void turn_round(lia_phone_forms *forms, const uint8_t *digits, size_t count)
{
    for (size_t i = 0; i < count; i++) forms->back[i] = digits[count - 1 - i];
    forms->back_size = count;
}

static lia_err forms_of(lia_phone_forms *out, lia_span text, lia_country country, lia_arena *arena,
                        bool *dialable)
{
    *out = (lia_phone_forms){.whole_size = 0};
    lia_span normal = lia_phone_normal(text, country, arena);
    if (arena->exhausted) return LIA_EFULL;
    *dialable = normal.size && normal.data[0] == '+';
    out->whole_size = digits_of(normal, out->whole);
    return LIA_OK;
}

lia_err lia_phone_of_record(lia_phone_forms *out, lia_span text, lia_country country,
                            lia_arena *arena)
{
    bool dialable;
    lia_err err = forms_of(out, text, country, arena, &dialable);
    if (!err) turn_round(out, out->whole, out->whole_size);
    return err;
}

/* "+49 ..." or "0049 ...": the calling code is there. */
static bool is_from_abroad(lia_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++) {
        if (text.data[i] == '+') return true;
        if (is_digit(text.data[i])) return text.data[i] == '0' && text.data[i + 1] == '0';
    }
    return false;
}

lia_err lia_phone_of_question(lia_phone_forms *out, lia_span text, lia_country country,
                              lia_arena *arena)
{
    uint8_t digits[LIA_PHONE_DIGITS_MAX];
    bool dialable, abroad = is_from_abroad(text);
    lia_err err = forms_of(out, text, country, arena, &dialable);
    if (err) return err;
    size_t count = digits_of(text, digits), zeros = 0;
    if (dialable && abroad) {
        count = out->whole_size;
        memcpy(digits, out->whole, count);
    }
    while (zeros < count && digits[zeros] == '0') zeros++;
    if (count - zeros >= LIA_PHONE_DIGITS_MIN) turn_round(out, digits + zeros, count - zeros);
    if (dialable) return LIA_OK;
    out->whole_size = abroad ? count - zeros : 0;
    memcpy(out->whole, digits + zeros, out->whole_size);
    return LIA_OK;
}

static bool belongs(uint8_t byte)
{
    return is_digit(byte) || (byte && strchr(" ()/.-+\t", byte) != NULL);
}

/* Digits that stand in a word are a part of it; so is what an apostrophe holds together. */
static bool is_of_word(lia_span text, size_t i)
{
    if (i >= text.size) return false;
    uint8_t byte = text.data[i];
    if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
    return byte >= 0x80 || lia_fold_classify(byte) != LIA_FOLD_SPLITS;
}

static bool begins(lia_span text, size_t i)
{
    if (i > 0 && is_of_word(text, i - 1)) return false;
    return is_digit(text.data[i]) || text.data[i] == '+' || text.data[i] == '(';
}

bool lia_phone_find(lia_span text, lia_span *run)
{
    for (size_t from = 0; from < text.size; from++) {
        if (!begins(text, from)) continue;
        size_t digits = 0, end = from, to = from;
        for (; to < text.size && belongs(text.data[to]); to++) {
            if (!is_digit(text.data[to])) continue;
            digits++;
            end = to + 1;
        }
        bool apart = to > end || !is_of_word(text, to);
        *run = lia_span_make(text.data + from, end - from);
        if (digits >= LIA_PHONE_DIGITS_MIN && digits <= LIA_PHONE_DIGITS_MAX && apart) return true;
        if (to > from) from = to - 1;
    }
    return false;
}
