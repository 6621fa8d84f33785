/* SPDX-License-Identifier: Apache-2.0 */
#include "common/identity/normal.h"

#include <strings.h>

#include "common/base/buf.h"
#include "common/identity/fold.h"

static lia_span cut(lia_span text)
{
    if (text.size > LIA_NORMAL_TEXT_MAX) text.size = LIA_NORMAL_TEXT_MAX;
    return text;
}

static lia_span trim(lia_span text)
{
    while (text.size && text.data[0] <= ' ') text = lia_span_skip(text, 1);
    while (text.size && text.data[text.size - 1] <= ' ') text.size--;
    return text;
}

/* Position of the first (or last) such byte, or the size. */
static size_t find(lia_span text, uint8_t byte)
{
    size_t at = 0;
    while (at < text.size && text.data[at] != byte) at++;
    return at;
}
static size_t find_last(lia_span text, uint8_t byte)
{
    for (size_t at = text.size; at-- > 0;)
        if (text.data[at] == byte) return at;
    return text.size;
}

static void add_letter(lia_buf *out, int32_t letter)
{
    uint8_t *to = lia_buf_room(out, 4);
    if (to) out->size += lia_fold_letter(letter, to);
}

static lia_span result(const lia_buf *out)
{
    return out->failed || !out->size ? LIA_SPAN_NONE : lia_buf_get(out);
}

lia_span lia_text_normal(lia_span text, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    bool gap = false;
    for (text = cut(text); text.size;) {
        int32_t letters[LIA_FOLD_MAX];
        size_t count = lia_fold_next(&text, letters);
        for (size_t i = 0; i < count; i++) {
            lia_fold_class class = lia_fold_classify(letters[i]);
            if (class == LIA_FOLD_SPLITS) gap = out.size > 0;
            if (class != LIA_FOLD_LETTER) continue;
            if (gap) lia_buf_byte(&out, ' ');
            gap = false;
            add_letter(&out, letters[i]);
        }
    }
    return result(&out);
}

/* Case off, accents stay; empty when there is a blank or a control character inside. */
static lia_span fold_word(lia_span text, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    while (text.size) {
        int32_t letters[LIA_FOLD_MAX];
        size_t count = lia_fold_case(&text, letters);
        for (size_t i = 0; i < count; i++) {
            if (letters[i] <= ' ' || letters[i] == 0x7f) return LIA_SPAN_NONE;
            add_letter(&out, letters[i]);
        }
    }
    return result(&out);
}

/* ---- e-mails -------------------------------------------------------------------------------- */

/* Providers that deliver several spellings to one mailbox, as their help pages say. */
static const struct {
    const char *domain, *same_as;
    bool dots; /* dots in the local part mean nothing */
    char tag;  /* it and what follows mean nothing; 0: no tags */
} providers[] = {
    {"gmail.com", "gmail.com", true, '+'},      {"googlemail.com", "gmail.com", true, '+'},
    {"outlook.com", "outlook.com", false, '+'}, {"hotmail.com", "hotmail.com", false, '+'},
    {"live.com", "live.com", false, '+'},       {"icloud.com", "icloud.com", false, '+'},
    {"me.com", "icloud.com", false, '+'},       {"mac.com", "icloud.com", false, '+'},
    {"proton.me", "proton.me", false, '+'},     {"protonmail.com", "proton.me", false, '+'},
    {"pm.me", "proton.me", false, '+'},         {"fastmail.com", "fastmail.com", false, '+'},
    {"mailbox.org", "mailbox.org", false, '+'}, {"posteo.de", "posteo.de", false, '+'},
    {"yahoo.com", "yahoo.com", false, '-'},     {"yandex.ru", "yandex.ru", false, '+'},
    {"yandex.com", "yandex.ru", false, '+'},
};

static const char *const roles[] = {
    "info",    "office",      "contact",  "kontakt",   "sales",       "support",
    "service", "admin",       "mail",     "post",      "hello",       "hallo",
    "team",    "help",        "billing",  "accounts",  "invoice",     "hr",
    "jobs",    "noreply",     "no-reply", "webmaster", "sekretariat", "vertrieb",
    "einkauf", "buchhaltung", "rechnung", "contacto",  "contatto",    "empfang",
};

/* The address in "mailto:x@y", "Name <x@y>" or bare. */
static lia_span bare_email(lia_span text)
{
    size_t open = find_last(text, '<');
    if (open < text.size) {
        text = lia_span_skip(text, open + 1);
        text.size = find(text, '>');
    }
    if (text.size > 7 && strncasecmp((const char *)text.data, "mailto:", 7) == 0)
        text = lia_span_skip(text, 7);
    text = trim(text);
    while (text.size && text.data[text.size - 1] == '.') text.size--;
    return text;
}

/* Rewrites the folded parts as their provider reads them. */
static lia_span spell_email(lia_span local, lia_span domain, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    bool dots = false;
    for (size_t i = 0; i < LIA_COUNT(providers); i++) {
        if (!lia_span_is(domain, providers[i].domain)) continue;
        size_t tag = find(local, (uint8_t)providers[i].tag);
        if (tag) local.size = tag;
        domain = lia_span_text(providers[i].same_as);
        dots = providers[i].dots;
    }
    for (size_t i = 0; i < local.size; i++)
        if (!dots || local.data[i] != '.') lia_buf_byte(&out, local.data[i]);
    if (!out.size) return LIA_SPAN_NONE;
    lia_buf_byte(&out, '@');
    lia_buf_span(&out, domain);
    return result(&out);
}

lia_span lia_email_normal(lia_span text, lia_arena *arena)
{
    text = bare_email(cut(text));
    size_t at = find_last(text, '@');
    if (at == text.size) return LIA_SPAN_NONE;
    lia_span local = fold_word(lia_span_make(text.data, at), arena);
    lia_span domain = fold_word(lia_span_skip(text, at + 1), arena);
    if (!local.size || !domain.size || find(domain, '@') < domain.size) return LIA_SPAN_NONE;
    return spell_email(local, domain, arena);
}

size_t lia_email_local(lia_span normal)
{
    return find_last(normal, '@');
}

/* What mailboxes of families begin with. */
static const char *const families[] = {"familie", "family",   "famille",
                                       "familia", "famiglia", "fam."};

bool lia_email_is_role(lia_span normal)
{
    lia_span local = {normal.data, lia_email_local(normal)};
    for (size_t i = 0; i < LIA_COUNT(families); i++)
        if (lia_span_starts(local, lia_span_text(families[i]))) return true;
    for (size_t i = 0; i < LIA_COUNT(roles); i++)
        if (lia_span_is(local, roles[i])) return true;
    return false;
}

/* ---- handles -------------------------------------------------------------------------------- */

/* How a network writes its names: where its pages stand, and what it ignores. */
static const struct {
    const char *name, *other, *host, *path;
    bool dotless;
} networks[] = {
    {"x", "twitter", "x.com", "", false},
    {"x", "twitter", "twitter.com", "", false},
    {"instagram", "ig", "instagram.com", "", false},
    {"facebook", "fb", "facebook.com", "", true},
    {"linkedin", "li", "linkedin.com", "in/", false},
    {"linkedin-company", "", "linkedin.com", "company/", false},
    {"tiktok", "", "tiktok.com", "", false},
    {"youtube", "yt", "youtube.com", "", false},
    {"github", "gh", "github.com", "", false},
    {"telegram", "tg", "t.me", "", false},
    {"bluesky", "bsky", "bsky.app", "profile/", false},
    {"xing", "", "xing.com", "profile/", false},
    {"whatsapp", "wa", "wa.me", "", false},
    {"vk", "", "vk.com", "", false},
    {"reddit", "", "reddit.com", "user/", false},
    {"mastodon", "fediverse", "", "", false},
};

static lia_span skip_text(lia_span text, const char *prefix)
{
    size_t size = strlen(prefix);
    bool is = text.size >= size && strncasecmp((const char *)text.data, prefix, size) == 0;
    return is ? lia_span_skip(text, size) : text;
}

/* Parts of "https://www.host/path?query#fragment"; false when it is not a URL. */
static bool split_url(lia_span text, lia_span *host, lia_span *path)
{
    lia_span rest = skip_text(skip_text(text, "https://"), "http://");
    bool url = rest.size != text.size;
    rest = skip_text(skip_text(skip_text(rest, "www."), "mobile."), "m.");
    size_t slash = find(rest, '/');
    *host = lia_span_make(rest.data, slash);
    *path = slash < rest.size ? lia_span_skip(rest, slash + 1) : LIA_SPAN_NONE;
    path->size = find(*path, '?');
    path->size = find(*path, '#');
    while (path->size && path->data[path->size - 1] == '/') path->size--;
    return url || slash < rest.size;
}

static bool same_text(lia_span text, const char *other)
{
    return *other && text.size == strlen(other) &&
           strncasecmp((const char *)text.data, other, text.size) == 0;
}

/* The row that a name belongs to, by its page's address or by the network's name. Takes the page's
 * address off. */
static size_t find_network(lia_span network, lia_span *value)
{
    lia_span host, path;
    bool url = split_url(*value, &host, &path);
    for (size_t i = 0; url && i < LIA_COUNT(networks); i++) {
        if (!same_text(host, networks[i].host)) continue;
        lia_span rest = skip_text(path, networks[i].path);
        if (*networks[i].path && rest.size == path.size) continue;
        *value = rest;
        return i;
    }
    for (size_t i = 0; i < LIA_COUNT(networks); i++)
        if (same_text(network, networks[i].name) || same_text(network, networks[i].other)) return i;
    return LIA_COUNT(networks);
}

/* "https://host/@name" of a network without one host. */
static lia_span fediverse_name(lia_span value, lia_arena *arena)
{
    lia_span host, path;
    if (!split_url(value, &host, &path) || !path.size || path.data[0] != '@') return value;
    lia_buf out = lia_buf_make(arena);
    lia_buf_span(&out, lia_span_skip(path, 1));
    if (find(path, '@') == 0 && find(lia_span_skip(path, 1), '@') == path.size - 1) {
        lia_buf_byte(&out, '@');
        lia_buf_span(&out, host);
    }
    return result(&out);
}

static lia_span without_dots(lia_span text, lia_arena *arena)
{
    lia_buf out = lia_buf_make(arena);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '.') lia_buf_byte(&out, text.data[i]);
    return result(&out);
}

lia_span lia_handle_normal(lia_span network, lia_span value, lia_arena *arena)
{
    network = trim(cut(network));
    value = trim(cut(value));
    size_t row = find_network(network, &value);
    bool known = row < LIA_COUNT(networks);
    if (known && !*networks[row].host) value = fediverse_name(value, arena);
    if (value.size && value.data[0] == '@') value = lia_span_skip(value, 1);
    if (known) value = fold_word(value, arena);
    if (known && networks[row].dotless) value = without_dots(value, arena);
    lia_span name = known ? lia_span_text(networks[row].name) : fold_word(network, arena);
    if (!value.size || (!name.size && network.size)) return LIA_SPAN_NONE;
    lia_buf out = lia_buf_make(arena);
    lia_buf_span(&out, name);
    lia_buf_byte(&out, ':');
    lia_buf_span(&out, value);
    return result(&out);
}

lia_span lia_host_normal(lia_span url, lia_arena *arena)
{
    lia_span host, path;
    split_url(trim(cut(url)), &host, &path);
    host.size = find(host, ':');
    while (host.size && host.data[host.size - 1] == '.') host.size--;
    return find(host, '.') < host.size ? fold_word(host, arena) : LIA_SPAN_NONE;
}
