/* SPDX-License-Identifier: Apache-2.0 */
/* Single values: each is checked for what its field means, so that whatever is in a record can be
 * printed, sorted and compared without a second look. */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/decimal.h"
#include "common/base/language.h"
#include "common/base/money.h"
#include "common/wire/json_reader.h"
#include "common/wire/json_tree.h"

/* ---- text ------------------------------------------------------------------------------------ */

static bool is_email(lia_span text)
{
    const uint8_t *at = text.size ? memchr(text.data, '@', text.size) : NULL;
    if (!at || at == text.data || at == text.data + text.size - 1) return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] <= ' ' || text.data[i] == 0x7f) return false;
    return true;
}

static bool is_country(lia_span text)
{
    return text.size == 2 && text.data[0] >= 'A' && text.data[0] <= 'Z' && text.data[1] >= 'A' &&
           text.data[1] <= 'Z';
}

static lia_err check_text(lia_json_reader *in, const lia_field *field, lia_span text)
{
    switch (field->meaning) {
    case LIA_M_EMAIL:
        if (!text.size) return lia_json_refuse(in, "must not be empty");
        return is_email(text)
                   ? LIA_OK
                   : lia_json_refuse(in, "an e-mail address such as mei@example.com is wanted");
    case LIA_M_CURRENCY:
        return lia_currency_is_valid(text)
                   ? LIA_OK
                   : lia_json_refuse(in,
                                     "a currency of three capital letters such as EUR is wanted");
    case LIA_M_COUNTRY:
        return is_country(text)
                   ? LIA_OK
                   : lia_json_refuse(in, "a country of two capital letters such as DE is wanted");
    default:
        return LIA_OK;
    }
}

static lia_span text_of(const json_t *json)
{
    return lia_span_make(json_string_value(json), json_string_length(json));
}

static lia_err read_language(lia_json_reader *in, lia_buf *out, const lia_field *field,
                             lia_span text)
{
    char tag[LIA_LANGUAGE_MAX + 1];
    if (!lia_language_read(text, tag))
        return lia_json_refuse(in, "a language such as de or pt-BR (BCP 47) is wanted");
    lia_pb_put_bytes(out, field->number, lia_span_text(tag));
    return LIA_OK;
}

static lia_err read_text(lia_json_reader *in, lia_buf *out, const lia_field *field,
                         const json_t *json)
{
    if (!json_is_string(json)) return lia_json_refuse(in, "a text is wanted");
    lia_span text = text_of(json);
    if (field->required && !text.size) return lia_json_refuse(in, "must not be empty");
    if (field->meaning == LIA_M_LANGUAGE) return read_language(in, out, field, text);
    lia_err err = check_text(in, field, text);
    if (!err) lia_pb_put_bytes(out, field->number, text);
    return err;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four digits, or fewer at the end of the text; appends what they say. */
static bool read_group(lia_buf *out, const uint8_t *at, size_t digits)
{
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i < digits ? base64_digit(at[i]) : 0;
        if (digit < 0) return false;
        group = group << 6 | (uint32_t)digit;
    }
    uint8_t bytes[3] = {(uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group};
    for (size_t i = digits - 1; i < 3; i++)
        if (bytes[i]) return false; /* bits that nobody would read */
    lia_buf_add(out, bytes, digits - 1);
    return true;
}

/* RFC 4648 section 4, with its padding. */
static bool read_base64(lia_buf *out, lia_span text)
{
    if (text.size % 4) return false;
    for (size_t at = 0; at < text.size; at += 4) {
        size_t digits = 4;
        if (at + 4 == text.size)
            while (digits > 2 && text.data[at + digits - 1] == '=') digits--;
        if (!read_group(out, text.data + at, digits)) return false;
    }
    return true;
}

static lia_err read_bytes(lia_json_reader *in, lia_buf *out, const lia_field *field,
                          const json_t *json)
{
    lia_id id;
    if (field->meaning == LIA_M_ID) {
        if (!json_is_string(json) || lia_id_parse(text_of(json), &id) || lia_id_is_none(id))
            return lia_json_refuse(in,
                                   "an id such as 0198c0de-8f5a-7cc0-9d3a-2f6b1c5e7a90 is wanted");
        lia_pb_put_bytes(out, field->number, lia_id_span(&id));
        return LIA_OK;
    }
    lia_buf bytes = lia_buf_make(in->arena);
    if (!json_is_string(json) || !read_base64(&bytes, text_of(json)))
        return lia_json_refuse(in, "base64 is wanted");
    lia_pb_put_bytes(out, field->number, lia_buf_get(&bytes));
    return bytes.failed ? lia_json_refuse_size(in) : LIA_OK;
}

/* ---- numbers, enums, instants ---------------------------------------------------------------- */

static lia_err read_int(lia_json_reader *in, lia_buf *out, const lia_field *field,
                        const json_t *json)
{
    if (!json_is_integer(json)) return lia_json_refuse(in, "a whole number is wanted");
    json_int_t value = json_integer_value(json);
    if (field->meaning == LIA_M_PERCENT && (value < 0 || value > 100))
        return lia_json_refuse(in, "a percentage between 0 and 100 is wanted");
    if (field->type == LIA_T_UINT && value < 0) return lia_json_refuse(in, "must not be below 0");
    if (field->bits == 32 && field->type == LIA_T_UINT && value > UINT32_MAX)
        return lia_json_refuse(in, "must not be above %u", UINT32_MAX);
    if (field->bits == 32 && field->type == LIA_T_INT && (value < INT32_MIN || value > INT32_MAX))
        return lia_json_refuse(in, "must be between %d and %d", INT32_MIN, INT32_MAX);
    lia_pb_put_varint(out, field->number, (uint64_t)value);
    return LIA_OK;
}

/* A number of JSON has been read as a double: it is taken where that was exact, as of 15 digits. */
static bool read_real(double value, unsigned scale, int64_t *out)
{
    char text[64];
    if (value <= -1e15 || value >= 1e15) return false;
    snprintf(text, sizeof text, "%.15g", value);
    if (strtod(text, NULL) != value) return false;
    if (strchr(text, 'e')) snprintf(text, sizeof text, "%.*f", (int)scale, value);
    return strtod(text, NULL) == value &&
           lia_decimal_parse(lia_span_text(text), scale, out) == LIA_OK;
}

static bool read_whole(json_int_t value, unsigned scale, int64_t *out)
{
    *out = value;
    for (unsigned i = 0; i < scale; i++)
        if (__builtin_mul_overflow(*out, 10, out)) return false;
    return *out != INT64_MIN;
}

bool lia_json_decimal(const json_t *json, unsigned scale, int64_t *out)
{
    return json_is_string(json)    ? !lia_decimal_parse(text_of(json), scale, out)
           : json_is_integer(json) ? read_whole(json_integer_value(json), scale, out)
           : json_is_real(json)    ? read_real(json_real_value(json), scale, out)
                                   : false;
}

static lia_err read_decimal(lia_json_reader *in, lia_buf *out, const lia_field *field,
                            const json_t *json)
{
    int64_t value;
    bool ok = lia_json_decimal(json, field->scale, &value);
    if (!ok)
        return lia_json_refuse(in,
                               "a decimal number with at most %u digits behind the point is "
                               "wanted, in quotes when it is long",
                               field->scale);
    lia_pb_put_varint(out, field->number, (uint64_t)value);
    return LIA_OK;
}

static lia_err read_instant(lia_json_reader *in, lia_buf *out, const lia_field *field,
                            const json_t *json)
{
    lia_time time;
    if (!json_is_string(json) || lia_time_parse(text_of(json), &time))
        return lia_json_refuse(in, "an instant such as 2026-11-22T08:30:00Z is wanted");
    lia_pb_put_varint(out, field->number, (uint64_t)time.ms);
    return LIA_OK;
}

static lia_err read_date(lia_json_reader *in, lia_buf *out, const lia_field *field,
                         const json_t *json)
{
    lia_time time;
    if (!json_is_string(json) || json_string_length(json) != strlen("2026-11-22") ||
        lia_time_parse(text_of(json), &time))
        return lia_json_refuse(in, "a date such as 2026-11-22 is wanted");
    lia_pb_put_varint(out, field->number, (uint64_t)(time.ms / LIA_DAY_MS));
    return LIA_OK;
}

/* "person, organization" */
static const char *names_of(lia_json_reader *in, const lia_enum *enumeration)
{
    lia_buf list = lia_buf_make(in->arena);
    for (size_t i = 0; i < enumeration->count; i++) {
        if (i) lia_buf_text(&list, ", ");
        lia_buf_text(&list, enumeration->values[i].name);
    }
    lia_buf_byte(&list, '\0');
    return list.failed ? "its names" : (const char *)list.data;
}

static lia_err read_enum(lia_json_reader *in, lia_buf *out, const lia_field *field,
                         const json_t *json)
{
    int32_t number;
    if (!json_is_string(json) || !lia_enum_number(field->enumeration, text_of(json), &number))
        return lia_json_refuse(in, "one of %s is wanted", names_of(in, field->enumeration));
    lia_pb_put_varint(out, field->number, (uint64_t)(int64_t)number);
    return LIA_OK;
}

static lia_err read_bool(lia_json_reader *in, lia_buf *out, const lia_field *field,
                         const json_t *json)
{
    if (!json_is_boolean(json)) return lia_json_refuse(in, "true or false is wanted");
    lia_pb_put_varint(out, field->number, json_is_true(json));
    return LIA_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

lia_err lia_json_read_scalar(lia_json_reader *in, lia_buf *out, const lia_field *field,
                             const json_t *json)
{
    switch (field->type) {
    case LIA_T_BOOL:
        return read_bool(in, out, field, json);
    case LIA_T_ENUM:
        return read_enum(in, out, field, json);
    case LIA_T_STRING:
        return read_text(in, out, field, json);
    case LIA_T_BYTES:
        return read_bytes(in, out, field, json);
    case LIA_T_MESSAGE:
        break;
    case LIA_T_INT:
    case LIA_T_UINT:
        if (field->meaning == LIA_M_INSTANT) return read_instant(in, out, field, json);
        if (field->meaning == LIA_M_DATE) return read_date(in, out, field, json);
        if (field->meaning == LIA_M_DECIMAL) return read_decimal(in, out, field, json);
        return read_int(in, out, field, json);
    }
    return lia_json_refuse(in, "cannot be written as JSON");
}
