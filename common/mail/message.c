/* SPDX-License-Identifier: Apache-2.0 */
#include "common/mail/message.h"

#include "common/base/crypto.h"

/* ---- addresses ------------------------------------------------------------------------------- */

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322, 3.2.3 */
static bool is_atom(uint8_t c)
{
    return is_alnum(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Words with single dots between them. */
static bool is_dotted(lia_span text, bool (*allowed)(uint8_t))
{
    bool after_dot = true;
    for (size_t i = 0; i < text.size; i++) {
        bool dot = text.data[i] == '.';
        if (dot ? after_dot : !allowed(text.data[i])) return false;
        after_dot = dot;
    }
    return !after_dot;
}

static bool is_host(uint8_t c)
{
    return is_alnum(c) || c == '-';
}

bool lia_mail_address_ok(lia_span address)
{
    if (address.size > LIA_MAIL_ADDRESS_MAX) return false;
    const uint8_t *at = address.size ? memchr(address.data, '@', address.size) : NULL;
    if (!at) return false;
    size_t local = (size_t)(at - address.data);
    return local <= 64 && is_dotted(lia_span_make(address.data, local), is_atom) &&
           is_dotted(lia_span_skip(address, local + 1), is_host);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* An encoded word is at most 75 bytes: 12 of brackets leave 63 of base64, which are 45 bytes. */
#define WORD_BYTES 45

static bool is_plain(lia_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < ' ' || text.data[i] > '~') return false;
    /* What looks like an encoded word would be read as one; long lines are folded by encoding. */
    return text.size <= 200 && !memmem(text.data, text.size, "=?", 2);
}

/* How many bytes fit a word without cutting a character. */
static size_t word_size(lia_span text)
{
    if (text.size <= WORD_BYTES) return text.size;
    size_t size = WORD_BYTES;
    while (size && (text.data[size] & 0xC0) == 0x80) size--;
    return size ? size : WORD_BYTES;
}

void lia_mail_put_words(lia_buf *out, lia_span text)
{
    if (is_plain(text)) {
        lia_buf_span(out, text);
        return;
    }
    for (bool first = true; text.size; first = false) {
        uint8_t word[WORD_BYTES];
        char encoded[LIA_BASE64_TEXT_SIZE(WORD_BYTES)];
        size_t size = word_size(text);
        for (size_t i = 0; i < size; i++)
            word[i] = text.data[i] < ' ' || text.data[i] == 127 ? ' ' : text.data[i];
        lia_buf_text(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        lia_base64_print(lia_span_make(word, size), encoded, sizeof encoded);
        lia_buf_text(out, encoded);
        lia_buf_text(out, "?=");
        text = lia_span_skip(text, size);
    }
}

/* ---- mailboxes ------------------------------------------------------------------------------- */

/* A phrase of words needs quotes for anything else. */
static bool is_phrase(lia_span name)
{
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] != ' ' && !is_atom(name.data[i])) return false;
    return is_plain(name);
}

static void put_quoted(lia_buf *out, lia_span name)
{
    lia_buf_byte(out, '"');
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '"' || name.data[i] == '\\') lia_buf_byte(out, '\\');
        lia_buf_byte(out, name.data[i]);
    }
    lia_buf_byte(out, '"');
}

void lia_mail_put_mailbox(lia_buf *out, lia_span name, lia_span address)
{
    if (!name.size) {
        lia_buf_span(out, address);
        return;
    }
    if (!is_plain(name) || is_phrase(name))
        lia_mail_put_words(out, name);
    else
        put_quoted(out, name);
    lia_buf_text(out, " <");
    lia_buf_span(out, address);
    lia_buf_byte(out, '>');
}
