/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a language: what is taken is what the pattern in the documents takes, and its form
 * is taken again as itself. */
#include <regex.h>
#include <string.h>

#include "common/base/assert.h"
#include "common/base/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fits_pattern(lia_span text)
{
    static regex_t pattern;
    static bool is_made;
    char copy[LIA_LANGUAGE_MAX + 1];
    if (!is_made) is_made = regcomp(&pattern, LIA_LANGUAGE_PATTERN, REG_EXTENDED | REG_NOSUB) == 0;
    lia_assert(is_made);
    if (text.size > LIA_LANGUAGE_MAX || (text.size && memchr(text.data, 0, text.size)))
        return false;
    if (text.size) memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return regexec(&pattern, copy, 0, NULL, 0) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char form[LIA_LANGUAGE_MAX + 1], again[LIA_LANGUAGE_MAX + 1];
    lia_span text = lia_span_make(data, size);
    bool is_language = lia_language_read(text, form);
    lia_assert(is_language == fits_pattern(text));
    if (!is_language) return 0;
    lia_assert(strlen(form) == size);
    lia_assert(lia_language_read(lia_span_text(form), again));
    lia_assert(strcmp(form, again) == 0);
    return 0;
}
