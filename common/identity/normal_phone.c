/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone numbers as in ITU-T E.164, from a table of calling codes and trunk prefixes. Not
 * libphonenumber: comparing asks where a number begins, not whether it is assigned, and the table
 * does not change a node's answers from one release of a library to the next. */
#include "common/base/buf.h"
#include "common/identity/normal.h"

#define DIGITS_MIN       7  /* with the calling code; shorter ones cannot be dialled from abroad */
#define DIGITS_MAX       15 /* E.164 */
#define EXTENSION_MAX    6
#define TRUNK_ONE_DIGITS 11 /* "1 212 555 0100", "8 495 123 4567": trunk prefix and ten digits */

/* The trunk prefix is what one dials inside the country and not from abroad. In Italy and San
 * Marino the zero belongs to the number. */
static const struct {
    char country[3];
    const char *code, *trunk, *abroad;
} plans[] = {
    {"US", "1", "1", "011"},  {"CA", "1", "1", "011"},   {"RU", "7", "8", "810"},
    {"KZ", "7", "8", "810"},  {"EG", "20", "0", "00"},   {"ZA", "27", "0", "00"},
    {"GR", "30", "", "00"},   {"NL", "31", "0", "00"},   {"BE", "32", "0", "00"},
    {"FR", "33", "0", "00"},  {"ES", "34", "", "00"},    {"HU", "36", "06", "00"},
    {"IT", "39", "", "00"},   {"SM", "378", "", "00"},   {"RO", "40", "0", "00"},
    {"CH", "41", "0", "00"},  {"AT", "43", "0", "00"},   {"GB", "44", "0", "00"},
    {"DK", "45", "", "00"},   {"SE", "46", "0", "00"},   {"NO", "47", "", "00"},
    {"PL", "48", "", "00"},   {"DE", "49", "0", "00"},   {"PE", "51", "0", "00"},
    {"MX", "52", "", "00"},   {"AR", "54", "0", "00"},   {"BR", "55", "0", "00"},
    {"CL", "56", "", "00"},   {"CO", "57", "", "00"},    {"VE", "58", "0", "00"},
    {"MY", "60", "0", "00"},  {"AU", "61", "0", "0011"}, {"ID", "62", "0", "00"},
    {"PH", "63", "0", "00"},  {"NZ", "64", "0", "00"},   {"SG", "65", "", "00"},
    {"TH", "66", "0", "00"},  {"JP", "81", "0", "010"},  {"KR", "82", "0", "00"},
    {"VN", "84", "0", "00"},  {"CN", "86", "0", "00"},   {"TR", "90", "0", "00"},
    {"IN", "91", "0", "00"},  {"PK", "92", "0", "00"},   {"LK", "94", "0", "00"},
    {"IR", "98", "0", "00"},  {"MA", "212", "0", "00"},  {"DZ", "213", "0", "00"},
    {"TN", "216", "", "00"},  {"NG", "234", "0", "00"},  {"KE", "254", "0", "00"},
    {"PT", "351", "", "00"},  {"LU", "352", "", "00"},   {"IE", "353", "0", "00"},
    {"IS", "354", "", "00"},  {"AL", "355", "0", "00"},  {"MT", "356", "", "00"},
    {"CY", "357", "", "00"},  {"FI", "358", "0", "00"},  {"BG", "359", "0", "00"},
    {"LT", "370", "0", "00"}, {"LV", "371", "", "00"},   {"EE", "372", "", "00"},
    {"MD", "373", "0", "00"}, {"UA", "380", "0", "00"},  {"RS", "381", "0", "00"},
    {"ME", "382", "0", "00"}, {"XK", "383", "0", "00"},  {"HR", "385", "0", "00"},
    {"SI", "386", "0", "00"}, {"BA", "387", "0", "00"},  {"MK", "389", "0", "00"},
    {"CZ", "420", "", "00"},  {"SK", "421", "0", "00"},  {"LI", "423", "", "00"},
    {"HK", "852", "", "001"}, {"TW", "886", "0", "002"}, {"AE", "971", "0", "00"},
    {"IL", "972", "0", "00"}, {"SA", "966", "0", "00"},  {"LB", "961", "0", "00"},
};

/* What was dialled, in digits. */
typedef struct dialled {
    uint8_t digits[32], extension[EXTENSION_MAX];
    size_t count, extension_count;
    bool plus, overlong;
} dialled;

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Digits behind "ext.", "x", "#", ";ext=" or "Durchwahl": whatever word follows the number. More
 * than an extension has are a second number, which is not read. */
static void read_extension(dialled *out, lia_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i])) continue;
        if (out->extension_count == EXTENSION_MAX) {
            out->extension_count = 0;
            return;
        }
        out->extension[out->extension_count++] = text.data[i];
    }
}

static bool ends_number(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '#' ||
           byte == ';' || byte == ',';
}

static dialled read_number(lia_span text)
{
    dialled out = {.plus = false};
    size_t at = 0;
    while (at < text.size && !is_digit(text.data[at]) && text.data[at] != '+') at++;
    for (; at < text.size; at++) {
        uint8_t byte = text.data[at];
        if (out.count && ends_number(byte)) break;
        if (byte == '+' && !out.count) out.plus = true;
        if (!is_digit(byte)) continue;
        out.overlong |= out.count == sizeof out.digits;
        if (!out.overlong) out.digits[out.count++] = byte;
    }
    if (at < text.size) read_extension(&out, lia_span_skip(text, at));
    return out;
}

static bool begins(const dialled *number, const char *prefix)
{
    size_t size = strlen(prefix);
    return size && number->count >= size && memcmp(number->digits, prefix, size) == 0;
}

static void drop(dialled *number, size_t count)
{
    number->count -= count;
    memmove(number->digits, number->digits + count, number->count);
}

static size_t plan_of_country(lia_country country)
{
    size_t i = 0;
    while (i < LIA_COUNT(plans) && memcmp(plans[i].country, country.code, 2) != 0) i++;
    return i;
}

/* Calling codes are prefix-free, so the first that fits is the one. */
static size_t plan_of_code(const dialled *number)
{
    size_t i = 0;
    while (i < LIA_COUNT(plans) && !begins(number, plans[i].code)) i++;
    return i;
}

/* Takes trunk prefixes off a number without calling code. One of "1" or "8" can also begin a
 * number, so there the length decides; a zero cannot. */
static void drop_trunk(dialled *number, const char *trunk)
{
    while (begins(number, trunk) && (trunk[0] == '0' || number->count == TRUNK_ONE_DIGITS))
        drop(number, strlen(trunk));
}

/* Makes the digits a calling code and what follows; false when that cannot be told. */
static bool complete(dialled *number, lia_country country)
{
    size_t home = plan_of_country(country);
    const char *abroad = home < LIA_COUNT(plans) ? plans[home].abroad : "00";
    if (!number->plus && begins(number, abroad)) {
        drop(number, strlen(abroad));
        number->plus = true;
    }
    size_t plan = number->plus ? plan_of_code(number) : home;
    if (plan == LIA_COUNT(plans)) return number->plus;
    size_t code = strlen(plans[plan].code);
    if (number->plus) drop(number, code); /* "+49 (0) 30": trunk prefixes stray into there */
    drop_trunk(number, plans[plan].trunk);
    if (number->count + code > sizeof number->digits) return false;
    memmove(number->digits + code, number->digits, number->count);
    memcpy(number->digits, plans[plan].code, code);
    number->count += code;
    return true;
}

lia_span lia_phone_normal(lia_span text, lia_country country, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    if (text.size > LIA_NORMAL_TEXT_MAX) text.size = LIA_NORMAL_TEXT_MAX;
    dialled number = read_number(text);
    if (!number.count || number.overlong) return LIA_SPAN_NONE;
    dialled full = number;
    bool known = complete(&full, country) && full.count >= DIGITS_MIN && full.count <= DIGITS_MAX;
    if (known) lia_buf_byte(&out, '+');
    if (!known) full = number;
    lia_buf_add(&out, full.digits, full.count);
    if (full.extension_count) {
        lia_buf_text(&out, ";ext=");
        lia_buf_add(&out, full.extension, full.extension_count);
    }
    return out.failed ? LIA_SPAN_NONE : lia_buf_get(&out);
}

static char upper(uint8_t byte)
{
    if (byte >= 'a' && byte <= 'z') byte -= 'a' - 'A';
    return byte >= 'A' && byte <= 'Z' ? (char)byte : 0;
}

lia_country lia_country_read(lia_span text)
{
    lia_country country = {{0, 0}};
    if (text.size != 2 || !upper(text.data[0]) || !upper(text.data[1])) return country;
    return (lia_country){{upper(text.data[0]), upper(text.data[1])}};
}
