/* SPDX-License-Identifier: Apache-2.0 */
#include "common/exchange/text.h"

#include "common/wire/utf8.h"

static const char *const names[LIA_ENCODINGS] = {
    [LIA_UTF_8] = "utf-8",
    [LIA_UTF_16LE] = "utf-16le",
    [LIA_UTF_16BE] = "utf-16be",
    [LIA_WINDOWS_1252] = "windows-1252",
};

const char *lia_encoding_name(lia_encoding encoding)
{
    return (size_t)encoding < LIA_ENCODINGS ? names[encoding] : NULL;
}

bool lia_encoding_by_name(lia_span name, lia_encoding *out)
{
    for (size_t i = 0; i < LIA_ENCODINGS; i++)
        if (lia_span_is(name, names[i])) return *out = (lia_encoding)i, true;
    return false;
}

/* ---- which ----------------------------------------------------------------------------------- */

/* Whether it is UTF-8 but for a last character that the cut has shortened. */
static bool is_utf8(lia_span text)
{
    while (text.size) {
        size_t step = lia_utf8_step(text);
        if (!step) return text.size < 4 && text.data[0] >= 0xc2 && !lia_utf8_valid(text);
        text = lia_span_skip(text, step);
    }
    return true;
}

/* Of Latin text in UTF-16 every second byte is zero. */
static bool zeros_at(lia_span text, size_t odd)
{
    size_t zeros = 0, others = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i]) continue;
        if (i % 2 == odd)
            zeros++;
        else
            others++;
    }
    return zeros * 4 > text.size && others * 16 < zeros;
}

lia_encoding lia_text_detect(lia_span text, size_t *mark)
{
    *mark = 0;
    if (lia_span_starts(text, LIA_SPAN("\xef\xbb\xbf"))) return *mark = 3, LIA_UTF_8;
    if (lia_span_starts(text, LIA_SPAN("\xff\xfe"))) return *mark = 2, LIA_UTF_16LE;
    if (lia_span_starts(text, LIA_SPAN("\xfe\xff"))) return *mark = 2, LIA_UTF_16BE;
    if (zeros_at(text, 1)) return LIA_UTF_16LE;
    if (zeros_at(text, 0)) return LIA_UTF_16BE;
    return is_utf8(text) ? LIA_UTF_8 : LIA_WINDOWS_1252;
}

/* ---- decoding -------------------------------------------------------------------------------- */

static void put(lia_buf *out, uint32_t c)
{
    if (c < 0x80) {
        lia_buf_byte(out, (uint8_t)c);
        return;
    }
    if (c >= 0x10000) {
        lia_buf_byte(out, (uint8_t)(0xf0 | c >> 18));
        lia_buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
    } else if (c >= 0x800) {
        lia_buf_byte(out, (uint8_t)(0xe0 | c >> 12));
    } else {
        lia_buf_byte(out, (uint8_t)(0xc0 | c >> 6));
        lia_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
        return;
    }
    lia_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    lia_buf_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* 0x80 to 0x9f, after the WHATWG index; five bytes stand for controls. */
static const uint16_t upper[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178,
};

static uint32_t unit_at(lia_encoding encoding, const uint8_t *at)
{
    return encoding == LIA_UTF_16LE ? at[0] | (uint32_t)at[1] << 8 : at[1] | (uint32_t)at[0] << 8;
}

static size_t decode_utf16(lia_encoding encoding, lia_span bytes, lia_buf *out)
{
    size_t at = 0;
    while (bytes.size - at >= 2) {
        uint32_t unit = unit_at(encoding, bytes.data + at);
        bool is_high = unit >> 10 == 0x36;
        if (is_high && bytes.size - at < 4) break;
        uint32_t low = is_high ? unit_at(encoding, bytes.data + at + 2) : 0;
        if (is_high && low >> 10 == 0x37) {
            put(out, 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff)));
            at += 4;
            continue;
        }
        put(out, unit >> 11 == 0x1b ? 0xfffd : unit);
        at += 2;
    }
    return at;
}

/* The end of the last whole character; bytes that are none stand for themselves. */
static size_t whole_utf8(lia_span bytes)
{
    for (size_t back = 1; back <= 3 && back <= bytes.size; back++) {
        uint8_t byte = bytes.data[bytes.size - back];
        if (byte >> 6 == 2) continue;
        size_t wants = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return wants > back ? bytes.size - back : bytes.size;
    }
    return bytes.size;
}

size_t lia_text_decode(lia_encoding encoding, lia_span bytes, lia_buf *out)
{
    if (encoding == LIA_UTF_8) {
        size_t size = whole_utf8(bytes);
        lia_buf_add(out, bytes.data, size);
        return size;
    }
    if (encoding != LIA_WINDOWS_1252) return decode_utf16(encoding, bytes, out);
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t byte = bytes.data[i];
        put(out, byte >= 0x80 && byte < 0xa0 ? upper[byte - 0x80] : byte);
    }
    return bytes.size;
}

size_t lia_text_raw_size(lia_encoding encoding, lia_span utf8)
{
    size_t size = 0;
    if (encoding == LIA_UTF_8) return utf8.size;
    for (size_t i = 0; i < utf8.size; i++) {
        if (utf8.data[i] >> 6 == 2) continue;
        size += encoding == LIA_WINDOWS_1252 ? 1 : utf8.data[i] >= 0xf0 ? 4 : 2;
    }
    return size;
}
