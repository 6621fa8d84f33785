/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes have normal forms, and the normal form of a normal form is itself. The first byte
 * chooses the country of phones, the second where the network ends and the value begins. */
#include "common/base/assert.h"
#include "common/identity/normal.h"
#include "common/wire/utf8.h"

static lia_arena arena;

static void check_name(lia_span text, lia_span rest)
{
    lia_name name;
    uint8_t printed[3 * LIA_NAME_LETTERS_MAX];
    lia_name_of_organization(&name, text);
    lia_assert(name.count <= LIA_NAME_TOKENS_MAX);
    lia_name_of_person(&name, text, rest, rest);
    lia_assert(name.count <= LIA_NAME_TOKENS_MAX);
    for (size_t i = 0; i < name.count; i++) {
        lia_assert(name.tokens[i].count && name.tokens[i].count <= LIA_NAME_LETTERS_MAX);
        size_t size = lia_name_token_print(&name.tokens[i], printed);
        lia_assert(size <= sizeof printed && lia_utf8_valid(lia_span_make(printed, size)));
    }
}

/* A second pass may see a shorter text where the first was cut, but never another form of a short
 * one. */
static bool is_short(lia_span text)
{
    return text.size <= LIA_NORMAL_TEXT_MAX;
}

static void check_text(lia_span text)
{
    lia_span once = lia_text_normal(text, &arena);
    lia_assert(lia_utf8_valid(once));
    if (is_short(once)) lia_assert(lia_span_equal(once, lia_text_normal(once, &arena)));
}

static void check_email(lia_span text)
{
    lia_span once = lia_email_normal(text, &arena);
    lia_assert(lia_utf8_valid(once));
    if (once.size) lia_assert(lia_email_local(once) > 0 && lia_email_local(once) < once.size);
    (void)lia_email_is_role(once);
}

static void check_phone(lia_span text, lia_country country)
{
    lia_span once = lia_phone_normal(text, country, &arena);
    if (once.size && once.data[0] == '+')
        lia_assert(lia_span_equal(once, lia_phone_normal(once, (lia_country){{0, 0}}, &arena)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const countries[] = {"DE", "US", "RU", "IT", "HU", "GB", "ZZ", ""};
    if (size < 2) return 0;
    if (!arena.base && lia_arena_init(&arena, (size_t)1 << 20)) return 0;
    lia_arena_reset(&arena);
    lia_span text = lia_span_make(data + 2, size - 2);
    lia_span first = {text.data, data[1] < text.size ? data[1] : text.size};
    lia_span rest = lia_span_skip(text, first.size);
    check_text(text);
    check_email(text);
    check_phone(text, lia_country_read(lia_span_text(countries[data[0] % LIA_COUNT(countries)])));
    check_name(first, rest);
    lia_assert(lia_utf8_valid(lia_host_normal(text, &arena)));
    (void)lia_handle_normal(first, rest, &arena);
    return 0;
}
