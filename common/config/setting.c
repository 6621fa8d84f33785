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

#define AT(member) offsetof(lia_settings, member)
/* Of the log, and of the views. */
#define GIB_MOST 65536

const lia_setting lia_setting_rows[] = {
    {.group = "the node",
     .name = "dir",
     .value = "DIR",
     .help = "the cluster's folder: member list, keys, data (made by 'liaison keys init')",
     .example = "/var/lib/liaison/%s",
     .type = LIA_SETTING_TEXT,
     .at = AT(dir)},
    {.name = "name",
     .value = "NAME",
     .help = "which member of the list this is",
     .usual = "%s",
     .example = "%s",
     .type = LIA_SETTING_NAME,
     .at = AT(name)},
    {.name = "verbose",
     .help = "log more",
     .type = LIA_SETTING_SWITCH,
     .at = AT(verbose),
     .reloads = true},
    {.group = "where it listens",
     .name = "listen",
     .value = "HOST",
     .help = "address of this machine at which the bus and the public stream listen, when the\n"
             "member list's leads here by other ways (containers, address translation)",
     .usual = "the member list's",
     .example = "0.0.0.0",
     .type = LIA_SETTING_HOST,
     .at = AT(listen)},
    {.name = "http",
     .value = "ADDRESS",
     .help = "address and port at which HTTP is served; beyond loopback it needs a certificate\n"
             "or a proxy that has one",
     .usual = "the member list's",
     .example = "127.0.0.1:27100",
     .type = LIA_SETTING_ADDRESS,
     .at = AT(http)},
    {.name = "tls-cert",
     .value = "FILE",
     .help = "certificate chain (PEM) for HTTPS; the file is read again on SIGHUP",
     .example = "/etc/liaison/tls.pem",
     .type = LIA_SETTING_FILE,
     .at = AT(tls_certificate)},
    {.name = "tls-key",
     .value = "FILE",
     .help = "its private key (PEM); read again with it",
     .example = "credential:tls-key",
     .type = LIA_SETTING_SECRET,
     .at = AT(tls_key)},
    {.name = "url",
     .value = "URL",
     .help = "what browsers call this node",
     .example = "https://crm.example.com",
     .type = LIA_SETTING_WEB,
     .at = AT(url)},
    {.name = "proxy",
     .value = "HOST",
     .help = "address of the proxy in front: its X-Forwarded-For and -Proto count",
     .example = "127.0.0.1",
     .type = LIA_SETTING_HOST,
     .at = AT(proxy)},
    {.name = "hosts",
     .value = "NAMES",
     .help = "further names and addresses by which it may be asked, with spaces between: what\n"
             "Prometheus, a health check or another program calls it",
     .example = "sales.liaison.svc 10.0.0.5",
     .type = LIA_SETTING_WORDS,
     .at = AT(hosts)},
    {.name = "web",
     .value = "FOLDER",
     .help = "the built web app",
     .usual = "../share/liaison/web beside this program, or its checkout's",
     .example = "/usr/share/liaison/web",
     .type = LIA_SETTING_TEXT,
     .at = AT(web)},
    {.group = "what it keeps",
     .name = "map-gib",
     .value = "N",
     .help = "most GiB that the log, and the views, may grow to",
     .usual = "64",
     .example = "64",
     .type = LIA_SETTING_GIB,
     .at = AT(map_bytes)},
    {.name = "log-keep",
     .value = "PERIOD",
     .help = "events that are older (90d; s, min, h, d or w) and known to all members may leave\n"
             "the log; what they said stays",
     .usual = "they stay for ever",
     .example = "90d",
     .type = LIA_SETTING_PERIOD,
     .at = AT(log_keep_ms)},
    {.group = "webhooks",
     .name = "webhook-timeout",
     .value = "PERIOD",
     .help = "how long a webhook's receiver may take to answer; an hour at most",
     .usual = "15s",
     .example = "15s",
     .type = LIA_SETTING_PERIOD,
     .at = AT(webhook_timeout_ms),
     .most = LIA_HOUR_MS},
    {.name = "webhooks-to-private",
     .help = "webhooks and HTTP steps may lead to addresses of private networks",
     .type = LIA_SETTING_SWITCH,
     .at = AT(webhooks_to_private)},
    {.group = "traces",
     .name = "trace-endpoint",
     .value = "URL",
     .help = "collector of OpenTelemetry to which spans are sent by OTLP/HTTP, without /v1/traces",
     .usual = "none are made",
     .example = "http://127.0.0.1:4318",
     .type = LIA_SETTING_WEB,
     .at = AT(trace_endpoint)},
    {.name = "trace-sample",
     .value = "RATIO",
     .help = "which share of requests is traced, 0 to 1, beside those whose caller asks for it",
     .usual = "0",
     .example = "0.01",
     .type = LIA_SETTING_RATIO,
     .at = AT(trace_sample)},
    {.name = "trace-headers",
     .value = "FILE",
     .help = "file of headers for the collector, lines Name: value, as Authorization: Bearer ...;\n"
             "read again on SIGHUP",
     .example = "credential:trace-headers",
     .type = LIA_SETTING_SECRET,
     .at = AT(trace_headers)},
    {.name = "trace-ca",
     .value = "FILE",
     .help = "certificates to trust for it",
     .usual = "the system's",
     .example = "/etc/liaison/trace-ca.pem",
     .type = LIA_SETTING_FILE,
     .at = AT(trace_ca)},
    {.group = "signing in by a provider",
     .name = "providers-to-private",
     .help = "providers may be in private networks, and on this machine without TLS",
     .type = LIA_SETTING_SWITCH,
     .at = AT(providers_to_private)},
    {.name = "providers-ca",
     .value = "FILE",
     .help = "certificates to trust for them",
     .usual = "the system's",
     .example = "/etc/liaison/providers-ca.pem",
     .type = LIA_SETTING_FILE,
     .at = AT(providers_ca)},
    {.group = "mail",
     .name = "smtp",
     .value = "URL",
     .help = "mail server: smtp://mail.example.com:587 (STARTTLS) or smtps://...",
     .usual = "no mail is sent",
     .example = "smtp://mail.example.com:587",
     .type = LIA_SETTING_MAIL,
     .at = AT(smtp_url),
     .reloads = true},
    {.name = "smtp-from",
     .value = "ADDRESS",
     .help = "address that mail comes from",
     .example = "crm@example.com",
     .type = LIA_SETTING_MAILBOX,
     .at = AT(smtp_from),
     .reloads = true},
    {.name = "smtp-login",
     .value = "FILE",
     .help = "file whose first line is user:password",
     .example = "credential:smtp-login",
     .type = LIA_SETTING_SECRET,
     .at = AT(smtp_login),
     .reloads = true},
    {.name = "smtp-ca",
     .value = "FILE",
     .help = "certificates to trust for it",
     .usual = "the system's",
     .example = "/etc/liaison/mail-ca.pem",
     .type = LIA_SETTING_FILE,
     .at = AT(smtp_ca),
     .reloads = true},
    {.name = "smtp-plain",
     .help = "also when the server has no TLS",
     .type = LIA_SETTING_SWITCH,
     .at = AT(smtp_plain),
     .reloads = true},
};
const size_t lia_setting_count = LIA_COUNT(lia_setting_rows);

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

static lia_err check_text(const lia_setting *row, const char *text, lia_why *why)
{
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
                       row->most == LIA_HOUR_MS ? "; an hour at most" : "");
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
