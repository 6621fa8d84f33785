/* SPDX-License-Identifier: Apache-2.0 */
/* A card is lines "group.NAME;PARAM=x:value"; a line that begins with a blank goes on with the one
 * before. Values escape \n \, \; and \\. Each list of a customer is collected on its own, so that
 * properties may come in any order. */
#include "common/exchange/vcard.h"

#include <strings.h>

#include "common/exchange/country.h"
#include "common/wire/json.h"
#include "common/wire/utf8.h"

#define PARTS_MAX 7

typedef struct lists {
    lia_buf emails, phones, addresses, tags, *out;
    lia_arena *arena;
    bool any, has_name, is_organization;
    lia_span organization;
} lists;

typedef struct property {
    lia_span name, parameters, value;
} property;

/* ---- cards ----------------------------------------------------------------------------------- */

static lia_span take_line(lia_span *rest)
{
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    lia_span line = lia_span_make(rest->data, end ? (size_t)(end - rest->data) : rest->size);
    *rest = lia_span_skip(*rest, line.size + (end != NULL));
    while (line.size && (line.data[line.size - 1] == '\r' || line.data[line.size - 1] == ' '))
        line.size--;
    return line;
}

static bool is_word(lia_span text, const char *word)
{
    return text.size == strlen(word) && strncasecmp((const char *)text.data, word, text.size) == 0;
}

bool lia_vcard_cut(lia_span text, lia_span *card, size_t *before)
{
    lia_span rest = text;
    const uint8_t *begin = NULL;
    while (rest.size) {
        const uint8_t *at = rest.data;
        lia_span line = take_line(&rest);
        if (is_word(line, "BEGIN:VCARD")) begin = at;
        if (!begin || !is_word(line, "END:VCARD")) continue;
        *before = (size_t)(begin - text.data);
        *card = lia_span_make(begin, (size_t)(rest.data - begin));
        return true;
    }
    return false;
}

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* The next line with those that go on with it. */
static lia_span take_unfolded(lia_span *rest, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    lia_span line = take_line(rest);
    if (!rest->size || !is_blank(rest->data[0])) return line;
    lia_buf_span(&out, line);
    while (rest->size && is_blank(rest->data[0])) {
        *rest = lia_span_skip(*rest, 1);
        lia_buf_span(&out, take_line(rest));
    }
    return lia_buf_get(&out);
}

/* Where the byte first stands outside of quotes; the size when it does not. */
static size_t find_outside(lia_span text, uint8_t byte)
{
    bool quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') quoted = !quoted;
        if (!quoted && text.data[i] == byte) return i;
    }
    return text.size;
}

static bool read_property(lia_span line, property *out)
{
    size_t colon = find_outside(line, ':');
    if (colon == line.size) return false;
    lia_span head = lia_span_make(line.data, colon);
    size_t semicolon = find_outside(head, ';');
    out->name = lia_span_make(head.data, semicolon);
    out->parameters = lia_span_skip(head, semicolon);
    out->value = lia_span_skip(line, colon + 1);
    const uint8_t *dot = out->name.size ? memchr(out->name.data, '.', out->name.size) : NULL;
    if (dot) out->name = lia_span_skip(out->name, (size_t)(dot - out->name.data) + 1);
    return out->name.size > 0;
}

/* Takes what stands before an unescaped separator (0: all), without escapes. */
static lia_span take_value(lia_span *rest, uint8_t separator, lia_arena *arena)
{
    uint8_t *text = lia_arena_take(arena, rest->size + 1);
    size_t size = 0, at = 0;
    if (!text) return LIA_SPAN_NONE;
    for (; at < rest->size && (!separator || rest->data[at] != separator); at++) {
        uint8_t byte = rest->data[at];
        if (byte == '\\' && at + 1 < rest->size) {
            byte = rest->data[++at];
            if (byte == 'n' || byte == 'N') byte = '\n';
        }
        text[size++] = byte;
    }
    *rest = lia_span_skip(*rest, at + (at < rest->size));
    while (size && is_blank(text[size - 1])) size--;
    return lia_span_make(text, size);
}

static size_t split(lia_span value, lia_span parts[PARTS_MAX], lia_arena *arena)
{
    size_t count = 0;
    while (count < PARTS_MAX && value.size) parts[count++] = take_value(&value, ';', arena);
    for (size_t i = count; i < PARTS_MAX; i++) parts[i] = LIA_SPAN_NONE;
    return count;
}

/* "home" or "work" of TYPE=HOME,VOICE; NULL: neither. */
static const char *label_of(lia_span parameters)
{
    static const char *const words[] = {"home", "work", "cell", "fax"};
    for (size_t i = 0; i < LIA_COUNT(words); i++)
        for (size_t at = 0; at + 4 <= parameters.size; at++)
            if (strlen(words[i]) <= parameters.size - at &&
                strncasecmp((const char *)parameters.data + at, words[i], strlen(words[i])) == 0)
                return words[i];
    return NULL;
}

/* ---- members --------------------------------------------------------------------------------- */

static void put_text(lia_buf *out, bool more, const char *name, lia_span text)
{
    lia_buf_format(out, "%s\"%s\":", more ? "," : "", name);
    lia_json_put_text(out, text);
}

static void put_member(lists *l, const char *name, lia_span text)
{
    if (!text.size) return;
    put_text(l->out, l->any, name, text);
    l->any = true;
}

static void put_element(lia_buf *list, lia_span value, const char *label)
{
    if (!value.size) return;
    lia_buf_text(list, list->size ? ",{" : "{");
    put_text(list, false, "value", value);
    if (label) put_text(list, true, "label", lia_span_text(label));
    lia_buf_byte(list, '}');
}

/* "tel:+44-20-7946-0001" of version 4. */
static lia_span without_scheme(lia_span value, const char *scheme)
{
    size_t size = strlen(scheme);
    bool has = value.size > size && strncasecmp((const char *)value.data, scheme, size) == 0;
    return has ? lia_span_skip(value, size) : value;
}

static void put_address(lists *l, const property *p)
{
    static const char *const names[PARTS_MAX] = {NULL,     NULL,       "street", "city",
                                                 "region", "postcode", "country"};
    lia_span parts[PARTS_MAX];
    lia_buf *list = &l->addresses;
    const char *label = label_of(p->parameters);
    bool any = false;
    split(p->value, parts, l->arena);
    const char *code = lia_country_by_name(parts[6]);
    if (code) parts[6] = lia_span_text(code);
    for (size_t i = 2; i < PARTS_MAX; i++) {
        if (!parts[i].size) continue;
        if (!any) lia_buf_text(list, list->size ? ",{" : "{");
        put_text(list, any, names[i], parts[i]);
        any = true;
    }
    if (any && label) put_text(list, true, "label", lia_span_text(label));
    if (any) lia_buf_byte(list, '}');
}

static void put_tags(lists *l, lia_span value)
{
    while (value.size) {
        lia_span tag = take_value(&value, ',', l->arena);
        if (!tag.size) continue;
        if (l->tags.size) lia_buf_byte(&l->tags, ',');
        lia_json_put_text(&l->tags, tag);
    }
}

/* "19800517" and "1980-05-17"; a day without a year is passed over. */
static void put_birthday(lists *l, lia_span value)
{
    bool digits = value.size >= 8;
    for (size_t i = 0; digits && i < 8; i++) digits = value.data[i] >= '0' && value.data[i] <= '9';
    const char *text = (const char *)value.data;
    if (digits)
        put_member(
            l, "birthday",
            lia_span_text(lia_arena_text(l->arena, "%.4s-%.2s-%.2s", text, text + 4, text + 6)));
    else if (value.size >= 10 && value.data[4] == '-' && value.data[7] == '-')
        put_member(l, "birthday", lia_span_make(value.data, 10));
}

static void put_property(lists *l, const property *p)
{
    lia_span parts[PARTS_MAX], rest = p->value;
    if (is_word(p->name, "N")) {
        split(p->value, parts, l->arena);
        put_member(l, "family_name", parts[0]);
        put_member(l, "given_name", parts[1]);
        l->has_name |= parts[0].size || parts[1].size;
    } else if (is_word(p->name, "ADR")) {
        put_address(l, p);
    } else if (is_word(p->name, "CATEGORIES")) {
        put_tags(l, p->value);
    } else if (is_word(p->name, "ORG")) {
        l->organization = take_value(&rest, ';', l->arena);
    } else {
        lia_span value = take_value(&rest, 0, l->arena);
        if (is_word(p->name, "FN")) put_member(l, "name", value);
        if (is_word(p->name, "FN")) l->has_name |= value.size > 0;
        if (is_word(p->name, "TITLE")) put_member(l, "job_title", value);
        if (is_word(p->name, "NOTE")) put_member(l, "note", value);
        if (is_word(p->name, "URL")) put_member(l, "website", value);
        if (is_word(p->name, "BDAY")) put_birthday(l, value);
        if (is_word(p->name, "KIND")) l->is_organization = is_word(value, "org");
        if (is_word(p->name, "EMAIL"))
            put_element(&l->emails, without_scheme(value, "mailto:"), label_of(p->parameters));
        if (is_word(p->name, "TEL"))
            put_element(&l->phones, without_scheme(value, "tel:"), label_of(p->parameters));
    }
}

static void put_list(lists *l, const char *name, const lia_buf *list)
{
    if (!list->size) return;
    lia_buf_format(l->out, "%s\"%s\":[", l->any ? "," : "", name);
    lia_buf_span(l->out, lia_buf_get(list));
    lia_buf_byte(l->out, ']');
    l->any = true;
}

static lia_err put_end(lists *l)
{
    if (!l->has_name) put_member(l, "name", l->organization);
    if (l->is_organization) put_member(l, "type", LIA_SPAN("organization"));
    put_list(l, "emails", &l->emails);
    put_list(l, "phones", &l->phones);
    put_list(l, "addresses", &l->addresses);
    put_list(l, "tags", &l->tags);
    lia_buf_byte(l->out, '}');
    bool full = l->out->failed || l->emails.failed || l->phones.failed || l->addresses.failed ||
                l->tags.failed || l->arena->exhausted;
    return full ? LIA_EFULL : LIA_OK;
}

lia_err lia_vcard_put(lia_span card, lia_buf *out, lia_why *why)
{
    lia_arena *arena = out->arena;
    lists l = {.emails = lia_buf_make(arena),
               .phones = lia_buf_make(arena),
               .addresses = lia_buf_make(arena),
               .tags = lia_buf_make(arena),
               .out = out,
               .arena = arena};
    property found;
    if (!lia_utf8_valid(card)) return lia_why_set(why, LIA_EINVAL, "the card is not UTF-8");
    lia_buf_byte(out, '{');
    for (size_t number = 1; card.size; number++) {
        lia_span line = take_unfolded(&card, arena);
        if (!line.size) continue;
        if (!read_property(line, &found))
            return lia_why_set(why, LIA_EINVAL, "property %zu of the card has no name and value",
                               number);
        put_property(&l, &found);
    }
    return put_end(&l);
}
