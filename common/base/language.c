/* SPDX-License-Identifier: Apache-2.0 */
/* A tag is parts with hyphens between. What a part may be follows from its length, its letters and
 * how far the tag is, so it is read from the front to the back and never goes back. */
#include "common/base/language.h"

typedef enum stage {
    AT_LANGUAGE,
    AT_EXTENDED,
    AT_SCRIPT,
    AT_REGION,
    AT_VARIANT,
    AT_EXTENSION,
    AT_PRIVATE
} stage;

typedef struct reading {
    stage stage;     /* the last part was at most this */
    size_t extended; /* languages within a language: three at most */
    bool wants;      /* an extension has begun and has no part yet */
} reading;

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool are_letters(lia_span part)
{
    for (size_t i = 0; i < part.size; i++)
        if (!is_letter(part.data[i])) return false;
    return true;
}

static bool are_letters_and_digits(lia_span part)
{
    for (size_t i = 0; i < part.size; i++)
        if (!is_letter(part.data[i]) && !is_digit(part.data[i])) return false;
    return part.size >= 1 && part.size <= 8;
}

static bool is_region(lia_span part)
{
    return (part.size == 2 && are_letters(part)) ||
           (part.size == 3 && is_digit(part.data[0]) && is_digit(part.data[1]) &&
            is_digit(part.data[2]));
}

static bool is_variant(lia_span part)
{
    return part.size >= 5 || (part.size == 4 && is_digit(part.data[0]));
}

/* The stage that a part behind the language belongs to; AT_LANGUAGE: none that may follow. */
static stage stage_of(const reading *r, lia_span part)
{
    if (r->stage == AT_PRIVATE) return AT_PRIVATE;
    if (part.size == 1) return (part.data[0] | 0x20) == 'x' ? AT_PRIVATE : AT_EXTENSION;
    if (r->stage == AT_EXTENSION) return AT_EXTENSION;
    if (r->stage <= AT_EXTENDED && r->extended < 3 && part.size == 3 && are_letters(part))
        return AT_EXTENDED;
    if (r->stage < AT_SCRIPT && part.size == 4 && are_letters(part)) return AT_SCRIPT;
    if (r->stage < AT_REGION && is_region(part)) return AT_REGION;
    return is_variant(part) ? AT_VARIANT : AT_LANGUAGE;
}

static bool take_part(reading *r, lia_span part, bool is_first)
{
    if (!are_letters_and_digits(part)) return false;
    if (is_first) return part.size >= 2 && part.size <= 3 && are_letters(part);
    stage next = stage_of(r, part);
    if (next == AT_LANGUAGE) return false;
    bool begins = part.size == 1 && (next == AT_EXTENSION || r->stage != AT_PRIVATE);
    if (begins && r->wants) return false;
    r->wants = begins;
    r->extended += next == AT_EXTENDED;
    r->stage = next;
    return true;
}

/* RFC 5646, 2.1.1: Latn, AT, and everything else small. */
static void print_part(char *out, lia_span part, stage is)
{
    for (size_t i = 0; i < part.size; i++) {
        bool up = is == AT_REGION || (is == AT_SCRIPT && i == 0);
        uint8_t c = part.data[i];
        out[i] = (char)(!is_letter(c) ? c : up ? c & ~0x20 : c | 0x20);
    }
}

bool lia_language_read(lia_span text, char out[LIA_LANGUAGE_MAX + 1])
{
    reading r = {0};
    if (text.size > LIA_LANGUAGE_MAX) return false;
    for (size_t at = 0, end; at <= text.size; at = end + 1) {
        for (end = at; end < text.size && text.data[end] != '-';) end++;
        lia_span part = lia_span_make(text.data + at, end - at);
        if (!take_part(&r, part, at == 0)) return false;
        print_part(out + at, part, r.stage);
        out[end] = end < text.size ? '-' : '\0';
    }
    return !r.wants;
}
