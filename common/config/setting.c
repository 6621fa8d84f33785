/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/setting.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/time.h"
#include "common/ldap/words.h"

/* Of the log, and of the views. */
#define GIB_MOST 65536

const lia_setting *lia_setting_find(lia_span name)
{
    for (size_t i = 0; i < lia_setting_count; i++)
        if (lia_span_is(name, lia_setting_rows[i].name)) return &lia_setting_rows[i];
    return NULL;
}

void lia_setting_variable(const lia_setting *row, char out[LIA_SETTING_VARIABLE_SIZE])
{
    size_t size = (size_t)snprintf(out, LIA_SETTING_VARIABLE_SIZE, "LIAISON_%s", row->name);
    for (size_t i = 0; i < size; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

/* ---- what a text must be --------------------------------------------------------------------- */

static bool is_host(const char *text)
{
    struct in6_addr unused;
    return inet_pton(AF_INET, text, &unused) == 1 || inet_pton(AF_INET6, text, &unused) == 1;
}

static bool is_address(const char *text)
{
    char host[64];
    struct in6_addr unused;
    const char *colon = strrchr(text, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    if (!digits || digits > 5 || colon[1 + digits]) return false;
    unsigned long port = strtoul(colon + 1, NULL, 10);
    size_t size = (size_t)(colon - text);
    bool bracketed = size > 2 && text[0] == '[' && colon[-1] == ']';
    if (!port || port > UINT16_MAX || size >= sizeof host) return false;
    snprintf(host, sizeof host, "%.*s", (int)(size - (bracketed ? 2 : 0)), text + bracketed);
    return inet_pton(bracketed ? AF_INET6 : AF_INET, host, &unused) == 1;
}

/* A scheme of `schemes`, and a host behind it. */
static bool is_url(const char *text, const char *const schemes[2], const char *ends)
{
    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(schemes[i]);
        if (!strncmp(text, schemes[i], size)) return text[size] && !strpbrk(text + size, ends);
    }
    return false;
}

static lia_err check_name(const char *text, lia_why *why)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.", *at))
            return lia_why_set(why, LIA_EINVAL,
                               "'%.60s' is no member's name: letters, digits, '-', '_' and '.'",
                               text);
    return LIA_OK;
}

static lia_err check_words(const char *text, lia_why *why)
{
    for (const char *at = text; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-_.:[] ", *at))
            return lia_why_set(why, LIA_EINVAL,
                               "'%.100s': names of hosts are wanted, with spaces between, without "
                               "scheme and port",
                               text);
    return LIA_OK;
}

static lia_err check_mail(const char *text, lia_why *why)
{
    static const char *const schemes[2] = {"smtp://", "smtps://"};
    if (strchr(text, '@'))
        return lia_why_set(why, LIA_EINVAL,
                           "a password does not belong here, where others may read it: put "
                           "user:password into a file and name that with smtp-login");
    if (is_url(text, schemes, " /?#")) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "'%.100s' is no mail server: smtp://mail.example.com:587 or "
                       "smtps://mail.example.com is wanted",
                       text);
}

static lia_err check_web(const char *text, lia_why *why)
{
    static const char *const schemes[2] = {"https://", "http://"};
    if (is_url(text, schemes, "/?#@ ")) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "'%.100s': a scheme and a host are wanted, as in https://crm.example.com",
                       text);
}

static lia_err check_mailbox(const char *text, lia_why *why)
{
    const char *at = strchr(text, '@');
    if (at && at > text && at[1] && !strpbrk(text, " <>") && !strchr(at + 1, '@')) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL,
                       "'%.100s' is no address that mail can come from: crm@example.com is wanted",
                       text);
}

/* An address with a login in it would stand in a file that others may read, and in the log with the
 * first mistake: it is refused before anything quotes it. */
static lia_err refuse_login(const lia_setting *row, const char *text, lia_why *why)
{
    bool is_url = row->type == LIA_SETTING_WEB || row->type == LIA_SETTING_LDAP ||
                  row->type == LIA_SETTING_WORDS || row->type == LIA_SETTING_ADDRESS;
    if (!is_url || !strchr(text, '@')) return LIA_OK;
    return lia_why_set(
        why, LIA_EINVAL, "a user or a password does not belong here, where others may read it%s",
        row->type == LIA_SETTING_LDAP ? ": name the account with ldap-bind-dn, and the file of its "
                                        "password with ldap-password"
        : !strcmp(row->name, "trace-endpoint")
            ? ": put the collector's headers into a file and name that with trace-headers"
            : "");
}

static lia_err check_text(const lia_setting *row, const char *text, lia_why *why)
{
    lia_err err = refuse_login(row, text, why);
    if (err) return err;
    switch (row->type) {
    case LIA_SETTING_NAME:
        return check_name(text, why);
    case LIA_SETTING_WORDS:
        return check_words(text, why);
    case LIA_SETTING_HOST:
        return is_host(text) ? LIA_OK
                             : lia_why_set(why, LIA_EINVAL,
                                           "'%.100s' is no numeric address: 127.0.0.1 or ::1 is "
                                           "wanted, names are not looked up",
                                           text);
    case LIA_SETTING_ADDRESS:
        return is_address(text) ? LIA_OK
                                : lia_why_set(why, LIA_EINVAL,
                                              "'%.100s': a numeric address and a port are wanted, "
                                              "as in 127.0.0.1:27100 or [::1]:27100",
                                              text);
    case LIA_SETTING_WEB:
        return check_web(text, why);
    case LIA_SETTING_MAIL:
        return check_mail(text, why);
    case LIA_SETTING_MAILBOX:
        return check_mailbox(text, why);
    case LIA_SETTING_LDAP:
        return lia_ldap_url_check(text, why);
    case LIA_SETTING_ENTRY:
        return lia_ldap_name_check(text, why);
    case LIA_SETTING_ATTRIBUTE:
        return lia_ldap_attribute_check(text, why);
    case LIA_SETTING_USER_FILTER:
        return lia_ldap_filter_check(text, LIA_LDAP_USER, why);
    case LIA_SETTING_GROUP_FILTER:
        return lia_ldap_filter_check(text, LIA_LDAP_ENTRY, why);
    default:
        return LIA_OK;
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

#define CREDENTIAL "credential:"

/* Whoever writes a password where the path belongs must not find it in a log. */
static lia_err unreadable(const lia_setting *row, const char *path, int error, lia_why *why)
{
    if (row->type == LIA_SETTING_SECRET)
        return lia_why_set(why, LIA_EINVAL,
                           "the file that it names cannot be read (%s): the path of a file is "
                           "wanted, or credential:NAME, never the secret itself",
                           strerror(error));
    return lia_why_set(why, LIA_EINVAL, "%.200s cannot be read: %s", path, strerror(error));
}

static lia_err take_file(const lia_setting *row, const char *text, const char *credentials,
                         lia_arena *arena, const char **out, lia_why *why)
{
    struct stat seen;
    const char *path = text;
    if (!strncmp(text, CREDENTIAL, strlen(CREDENTIAL))) {
        const char *name = text + strlen(CREDENTIAL);
        if (!*name || strchr(name, '/'))
            return lia_why_set(why, LIA_EINVAL,
                               "a name is wanted behind 'credential:', as in "
                               "credential:tls-key");
        if (!credentials)
            return lia_why_set(why, LIA_EINVAL,
                               "no credentials were given to this process: start it by systemd "
                               "with LoadCredential=, or name a file");
        path = lia_arena_text(arena, "%s/%s", credentials, name);
        if (!path) return LIA_EFULL;
        if (!*credentials) {
            *out = text;
            return LIA_OK;
        }
    }
    if (access(path, R_OK)) return unreadable(row, path, errno, why);
    if (stat(path, &seen) == 0 && S_ISDIR(seen.st_mode)) return unreadable(row, path, EISDIR, why);
    *out = path;
    return LIA_OK;
}

/* What it says is looked at, too, unless nobody knows where it is. */
static lia_err take_groups(const lia_setting *row, const char *text, const char *credentials,
                           lia_arena *arena, const char **out, lia_why *why)
{
    const char *path = NULL;
    lia_err err = take_file(row, text, credentials, arena, &path, why);
    bool unknown = credentials && !*credentials && !strncmp(text, CREDENTIAL, strlen(CREDENTIAL));
    if (!err && !unknown) err = lia_ldap_groups_check(path, why) ? LIA_EINVAL : LIA_OK;
    if (!err) *out = path;
    return err;
}

/* ---- taking ---------------------------------------------------------------------------------- */

static lia_err take_switch(lia_span text, bool *out, lia_why *why)
{
    *out = lia_span_is(text, "true");
    if (*out || lia_span_is(text, "false")) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "'%.*s' is neither true nor false",
                       (int)(text.size < 60 ? text.size : 60), text.data);
}

static lia_err take_gib(lia_span text, size_t *out, lia_why *why)
{
    size_t gib = 0, i = 0;
    while (i < text.size && i < 6 && isdigit(text.data[i]))
        gib = gib * 10 + (size_t)(text.data[i++] - '0');
    if (i == text.size && gib && gib <= GIB_MOST) {
        *out = gib << 30;
        return LIA_OK;
    }
    return lia_why_set(why, LIA_EINVAL, "'%.*s' is not a number of GiB: 1 to %d are wanted",
                       (int)(text.size < 60 ? text.size : 60), text.data, GIB_MOST);
}

static lia_err take_period(const lia_setting *row, lia_span text, int64_t *out, lia_why *why)
{
    if (!lia_period_parse(text, out) && (!row->most || *out <= row->most)) return LIA_OK;
    return lia_why_set(why, LIA_EINVAL, "'%.*s': " LIA_PERIOD_WANTED "%s",
                       (int)(text.size < 60 ? text.size : 60), text.data,
                       row->most == LIA_HOUR_MS     ? "; an hour at most"
                       : row->most == LIA_MINUTE_MS ? "; a minute at most"
                                                    : "");
}

/* Digits with at most one point, so that no locale and no exponent has a say. */
static lia_err take_ratio(lia_span text, double *out, lia_why *why)
{
    double value = 0, unit = 1;
    size_t digits = 0, points = 0, i = 0;
    for (; i < text.size && i < 12 && (isdigit(text.data[i]) || text.data[i] == '.'); i++) {
        points += text.data[i] == '.';
        if (text.data[i] == '.') continue;
        digits++;
        if (points) unit /= 10;
        value = points ? value + unit * (text.data[i] - '0') : value * 10 + (text.data[i] - '0');
    }
    if (i == text.size && digits && points <= 1 && value <= 1) {
        *out = value;
        return LIA_OK;
    }
    return lia_why_set(why, LIA_EINVAL,
                       "'%.*s' is no share: a number from 0 to 1 is wanted, as 0.01",
                       (int)(text.size < 60 ? text.size : 60), text.data);
}

static bool is_clean(lia_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) return false;
    return true;
}

lia_err lia_setting_take(const lia_setting *row, lia_span text, const char *credentials,
                         lia_arena *arena, lia_settings *out, lia_why *why)
{
    void *at = (char *)out + row->at;
    const char **slot = at;
    if (!text.size)
        return lia_why_set(why, LIA_EINVAL, "no value is given%s",
                           row->value ? "" : "; true or false is wanted");
    if (!is_clean(text))
        return lia_why_set(why, LIA_EINVAL, "the value has a control character in it");
    if (row->type == LIA_SETTING_SWITCH) return take_switch(text, at, why);
    if (row->type == LIA_SETTING_GIB) return take_gib(text, at, why);
    if (row->type == LIA_SETTING_PERIOD) return take_period(row, text, at, why);
    if (row->type == LIA_SETTING_RATIO) return take_ratio(text, at, why);
    const char *copy = (const char *)lia_arena_copy(arena, text).data;
    if (!copy) return lia_why_set(why, LIA_EFULL, "there is no room for so many texts");
    if (row->type == LIA_SETTING_FILE || row->type == LIA_SETTING_SECRET)
        return take_file(row, copy, credentials, arena, slot, why);
    if (row->type == LIA_SETTING_GROUPS)
        return take_groups(row, copy, credentials, arena, slot, why);
    lia_err err = check_text(row, copy, why);
    if (!err) *slot = copy;
    return err;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static size_t size_of(const lia_setting *row)
{
    switch (row->type) {
    case LIA_SETTING_SWITCH:
        return sizeof(bool);
    case LIA_SETTING_GIB:
        return sizeof(size_t);
    case LIA_SETTING_PERIOD:
        return sizeof(int64_t);
    case LIA_SETTING_RATIO:
        return sizeof(double);
    default:
        return sizeof(const char *);
    }
}

static bool is_text(const lia_setting *row)
{
    return row->type < LIA_SETTING_GIB;
}

bool lia_setting_same(const lia_setting *row, const lia_settings *a, const lia_settings *b)
{
    const void *left = (const char *)a + row->at, *right = (const char *)b + row->at;
    if (!is_text(row)) return !memcmp(left, right, size_of(row));
    const char *x, *y;
    memcpy(&x, left, sizeof x);
    memcpy(&y, right, sizeof y);
    return x && y ? !strcmp(x, y) : x == y;
}

void lia_setting_copy(const lia_setting *row, lia_settings *to, const lia_settings *from)
{
    memcpy((char *)to + row->at, (const char *)from + row->at, size_of(row));
}
