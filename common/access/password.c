/* SPDX-License-Identifier: Apache-2.0 */
#include "common/access/password.h"

/* So many characters behind it do not make a known word unknown. */
enum { FEW = 5 };

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool begins_with(lia_span text, lia_span start)
{
    if (text.size < start.size) return false;
    for (size_t i = 0; i < start.size; i++)
        if (lower(text.data[i]) != lower(start.data[i])) return false;
    return true;
}

/* aaaaaaaaaa, 1234567890, abcdefghij and back. */
static bool is_run(lia_span text)
{
    for (int step = -1; step <= 1; step++) {
        size_t at = 1;
        while (at < text.size && (text.data[at] - text.data[at - 1] == step ||
                                  (text.data[at] == '0' && text.data[at - 1] == '9' && step == 1)))
            at++;
        if (at == text.size) return true;
    }
    return false;
}

/* What lists of stolen passwords begin with, among those that are long or become so by a few digits
 * behind them. */
static bool is_common(lia_span text)
{
    static const char *const common[] = {
        "password", "passw0rd", "qwertyuiop", "qwerty",   "iloveyou",  "letmein",
        "welcome",  "football", "baseball",   "sunshine", "princess",  "superman",
        "trustno1", "dragon",   "monkey",     "liaison",  "changeme",  "administrator",
        "admin",    "abc123",   "1q2w3e4r",   "zaq12wsx", "asdfghjkl", "starwars",
    };
    for (size_t i = 0; i < LIA_COUNT(common); i++) {
        lia_span word = lia_span_text(common[i]);
        if (begins_with(text, word) && text.size <= word.size + FEW) return true;
    }
    return false;
}

lia_err lia_password_check(lia_span password, const lia_span *mine, size_t count, lia_why *why)
{
    if (password.size < LIA_PASSWORD_BYTES_MIN)
        return lia_why_set(why, LIA_EINVAL, "password: at least %d characters are wanted",
                           LIA_PASSWORD_BYTES_MIN);
    if (password.size > LIA_PASSWORD_BYTES_MAX)
        return lia_why_set(why, LIA_EINVAL, "password: at most %d bytes are possible",
                           LIA_PASSWORD_BYTES_MAX);
    if (is_run(password) || is_common(password))
        return lia_why_set(why, LIA_EINVAL, "password: this one is among the first that are tried");
    for (size_t i = 0; i < count; i++)
        if (mine[i].size >= 4 && begins_with(password, mine[i]) &&
            password.size <= mine[i].size + FEW)
            return lia_why_set(why, LIA_EINVAL, "password: it must not be your name or e-mail");
    return LIA_OK;
}
