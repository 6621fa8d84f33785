/* SPDX-License-Identifier: Apache-2.0 */
/* libldap knows names, escapes and filters; here stands what it lets pass: a mark where it means
 * something else than a value, and filters that end before their text does. */
#include "common/ldap/words.h"

#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_MAX 1000
#define NAME_MOST  500

/* ---- addresses ------------------------------------------------------------------------------- */

static const char *host_of(const char *url)
{
    static const char *const schemes[] = {"ldap://", "ldaps://"};
    for (size_t i = 0; i < 2; i++)
        if (!strncmp(url, schemes[i], strlen(schemes[i]))) return url + strlen(schemes[i]);
    return NULL;
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    long port = digits && digits <= 5 && !text[digits] ? strtol(text, NULL, 10) : 0;
    return port > 0 && port <= 65535;
}

/* host, host:port, [::1], [::1]:port */
static bool is_place(const char *text)
{
    bool bracketed = *text == '[';
    size_t size = bracketed ? strspn(text + 1, "0123456789abcdefABCDEF:.")
                            : strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.");
    if (!size || size > 253) return false;
    if (bracketed && text[size + 1] != ']') return false;
    text += bracketed ? size + 2 : size;
    return !*text || (*text == ':' && is_port(text + 1));
}

lia_err lia_ldap_url_check(const char *url, lia_why *why)
{
    const char *host = host_of(url);
    if (host && is_place(host)) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "'%.100s' is no directory: ldaps:// or ldap:// is wanted, a host, and "
                       "perhaps a port, as in ldaps://ldap.example.com",
                       url);
}

bool lia_ldap_url_is_here(const char *url)
{
    static const char *const here[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = host_of(url);
    if (!host || !strncmp(url, "ldaps", 5)) return false;
    for (size_t i = 0; i < 3; i++) {
        size_t size = strlen(here[i]);
        if (!strncmp(host, here[i], size) && (!host[size] || host[size] == ':')) return true;
    }
    return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

static char *form_of(const char *name)
{
    LDAPDN parts = NULL;
    char *form = NULL;
    if (ldap_str2dn(name, &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) return NULL;
    if (!parts || ldap_dn2str(parts, &form, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS) form = NULL;
    ldap_dnfree(parts);
    return form;
}

char *lia_ldap_name_form(lia_arena *arena, const char *name)
{
    char *form = form_of(name), *kept = NULL;
    if (form) kept = (char *)(uintptr_t)lia_arena_copy(arena, lia_span_text(form)).data;
    ldap_memfree(form);
    for (char *at = kept; at && *at; at++)
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at + 32);
    return kept;
}

lia_err lia_ldap_name_check(const char *name, lia_why *why)
{
    char *form = strlen(name) <= NAME_MOST ? form_of(name) : NULL;
    ldap_memfree(form);
    if (form) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "'%.100s' names no entry of a directory: ou=people,dc=example,dc=com is "
                       "wanted",
                       name);
}

lia_err lia_ldap_attribute_check(const char *name, lia_why *why)
{
    size_t size = strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.");
    if (size && size <= 100 && !name[size]) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "'%.100s' names no attribute: one as 'mail' is wanted",
                       name);
}

/* ---- filters --------------------------------------------------------------------------------- */

/* Whether the bracket that opens it closes at its end: parentheses of values are escaped. */
static bool is_one_whole(const char *filter)
{
    int depth = 0;
    for (const char *at = filter; *at; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth < 1 && at[1]) return false;
    }
    return *filter == '(' && depth == 0;
}

/* Behind a '=' of the same parentheses. */
static bool is_in_value(const char *filter, const char *at)
{
    while (at > filter && at[-1] != '(' && at[-1] != ')' && at[-1] != '=') at--;
    return at > filter && at[-1] == '=';
}

/* The library encodes a search before it looks for a server. There is none behind this address, and
 * of what is no filter it says so first. */
static bool is_understood(const char *filter)
{
    LDAP *to = NULL;
    int id;
    if (ldap_initialize(&to, "ldapi://%2Fdev%2Fnull") != LDAP_SUCCESS) return false;
    int result =
        ldap_search_ext(to, "", LDAP_SCOPE_BASE, filter, NULL, 0, NULL, NULL, NULL, 1, &id);
    ldap_unbind_ext(to, NULL, NULL);
    return result == LDAP_SERVER_DOWN;
}

static lia_err check_marks(const char *filter, const char *mark, lia_why *why)
{
    const char *at = strstr(filter, mark);
    if (!at)
        return lia_why_set(why, LIA_EINVAL, "%s is missing in the filter: it stands for the name",
                           mark);
    for (; at; at = strstr(at + 1, mark))
        if (!is_in_value(filter, at))
            return lia_why_set(why, LIA_EINVAL, "%s belongs behind a '=' in the filter", mark);
    return LIA_OK;
}

lia_err lia_ldap_filter_check(const char *filter, const char *mark, lia_why *why)
{
    lia_arena arena;
    if (strlen(filter) > FILTER_MAX)
        return lia_why_set(why, LIA_EINVAL, "the filter is longer than %d bytes", FILTER_MAX);
    if (!is_one_whole(filter))
        return lia_why_set(why, LIA_EINVAL,
                           "'%.100s' is no filter: one pair of parentheses around all of it is "
                           "wanted, and each that opens closes, as in (uid=%s)",
                           filter, mark);
    lia_err err = check_marks(filter, mark, why);
    if (err) return err;
    err = lia_arena_init(&arena, (size_t)64 << 10);
    if (err) return lia_why_set(why, err, "there is no memory to read the filter");
    const char *filled = lia_ldap_filter_fill(&arena, filter, mark, LIA_SPAN("x"));
    if (!filled || !is_understood(filled))
        err = lia_why_set(why, LIA_EINVAL,
                          "'%.100s' is no filter that a directory understands (RFC 4515): "
                          "(&(objectClass=person)(uid=%s)) would be one",
                          filter, mark);
    lia_arena_fini(&arena);
    return err;
}

char *lia_ldap_filter_fill(lia_arena *arena, const char *filter, const char *mark, lia_span value)
{
    struct berval raw = {value.size, (char *)(uintptr_t)value.data}, escaped = {0, NULL};
    size_t size = strlen(filter) + 1, marks = 0, room;
    for (const char *at = strstr(filter, mark); at; at = strstr(at + 1, mark)) marks++;
    if (ldap_bv2escaped_filter_value(&raw, &escaped)) return NULL;
    room = size + marks * escaped.bv_len;
    char *out = lia_arena_take(arena, room), *end = out;
    while (out && *filter) {
        bool is_mark = !strncmp(filter, mark, strlen(mark));
        if (is_mark && escaped.bv_len) memcpy(end, escaped.bv_val, escaped.bv_len);
        if (!is_mark) *end = *filter;
        end += is_mark ? escaped.bv_len : 1;
        filter += is_mark ? strlen(mark) : 1;
    }
    if (out) *end = 0;
    if (escaped.bv_val != raw.bv_val) ldap_memfree(escaped.bv_val);
    return out;
}
