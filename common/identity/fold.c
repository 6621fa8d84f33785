/* SPDX-License-Identifier: Apache-2.0 */
/* utf8proc_map allocates, so characters are decomposed one by one. That leaves several accents on
 * one letter in the order in which they were written, which matters only where accents stay. */
#include "common/identity/fold.h"

#include <utf8proc.h>

#include "common/wire/utf8.h"

/* Letters that Unicode does not take apart. */
static const struct {
    int32_t letter;
    const char *plain;
} spelled[] = {
    {0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},   {0xfe, "th"}, {0x111, "d"}, {0x127, "h"},
    {0x131, "i"}, {0x142, "l"}, {0x153, "oe"}, {0x167, "t"}, {0x259, "a"},
};

static size_t spell(int32_t letter, int32_t *out)
{
    if (letter > 0xe5 && letter < 0x260)
        for (size_t i = 0; i < LIA_COUNT(spelled); i++) {
            if (spelled[i].letter != letter) continue;
            size_t count = strlen(spelled[i].plain);
            for (size_t j = 0; j < count; j++) out[j] = spelled[i].plain[j];
            return count;
        }
    *out = letter;
    return 1;
}

static size_t take(lia_span *text, int32_t *letter)
{
    size_t step = lia_utf8_step(*text);
    *letter = ' ';
    if (step) (void)utf8proc_iterate(text->data, (utf8proc_ssize_t)step, letter);
    *text = lia_span_skip(*text, step ? step : 1);
    return step;
}

static size_t decompose(int32_t letter, int options, int32_t letters[LIA_FOLD_MAX])
{
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(letter, letters, LIA_FOLD_MAX,
                                                     (utf8proc_option_t)options, &boundary);
    return count < 0 || count > LIA_FOLD_MAX ? 0 : (size_t)count;
}

size_t lia_fold_next(lia_span *text, int32_t letters[LIA_FOLD_MAX])
{
    int32_t letter;
    take(text, &letter);
    if (letter < 0x80) {
        letters[0] = letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
        return 1;
    }
    size_t count = decompose(letter,
                             UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                 UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
                             letters);
    return count == 1 ? spell(letters[0], letters) : count;
}

size_t lia_fold_case(lia_span *text, int32_t letters[LIA_FOLD_MAX])
{
    int32_t letter;
    take(text, &letter);
    if (letter < 0x80) {
        letters[0] = letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
        return 1;
    }
    return decompose(letter,
                     UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE,
                     letters);
}

lia_fold_class lia_fold_classify(int32_t letter)
{
    if (letter < 0x80) {
        if ((letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9'))
            return LIA_FOLD_LETTER;
        return letter == '\'' || letter == '`' ? LIA_FOLD_NOTHING : LIA_FOLD_SPLITS;
    }
    if (letter == 0x2019 || letter == 0x2018 || letter == 0x2bc) return LIA_FOLD_NOTHING;
    utf8proc_category_t category = utf8proc_category(letter);
    bool word = (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
                (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
    return word ? LIA_FOLD_LETTER : LIA_FOLD_SPLITS;
}

size_t lia_fold_letter(int32_t letter, uint8_t *out)
{
    return (size_t)utf8proc_encode_char(letter, out);
}
