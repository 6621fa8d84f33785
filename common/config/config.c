/* SPDX-License-Identifier: Apache-2.0 */
/* Every layer ends in `take`: one place decides what a value may be, remembers who said it, and
 * tells mistakes. A wrong value leaves what a weaker layer said, and is counted. */
#include "common/config/inner.h"

#include <stdio.h>

#include "common/exchange/meant.h"
#include "common/ldap/words.h"

/* Of all texts: one file's worth from each layer, and paths of credentials. */
#define TEXTS_BYTES ((size_t)1 << 20)

lia_err lia_config_init(lia_config *config, const char *credentials, const lia_mistakes *to)
{
    *config = (lia_config){.to = *to};
    lia_err err = lia_arena_init(&config->texts, TEXTS_BYTES);
    if (err || !credentials) return err;
    config->credentials =
        (const char *)lia_arena_copy(&config->texts, lia_span_text(credentials)).data;
    return config->credentials ? LIA_OK : LIA_EFULL;
}

void lia_config_fini(lia_config *config)
{
    lia_arena_fini(&config->texts);
    *config = (lia_config){0};
}

void lia_config_tell(lia_config *config, const lia_said *where, const char *text)
{
    const lia_mistake mistake = {where->from, where->line, where->column, text};
    config->mistakes++;
    if (config->to.tell) config->to.tell(config->to.context, &mistake);
}

void lia_config_take(lia_config *config, const lia_setting *row, lia_span text,
                     const lia_said *where)
{
    lia_why why = {{0}}, whole = {{0}};
    config->said[row - lia_setting_rows] = *where; /* rightly or not: it is not missing */
    if (!lia_setting_take(row, text, config->credentials, &config->texts, &config->values, &why))
        return;
    lia_why_set(&whole, LIA_EINVAL, "%s: %s", row->name, why.text);
    lia_config_tell(config, where, whole.text);
}

void lia_config_unknown(lia_config *config, lia_span name, const lia_said *where)
{
    const char *words[LIA_SETTINGS_MAX];
    char word[64];
    lia_why why = {{0}};
    snprintf(word, sizeof word, "%.*s", (int)(name.size < 63 ? name.size : 63), name.data);
    for (size_t i = 0; i < lia_setting_count; i++) words[i] = lia_setting_rows[i].name;
    const char *meant = lia_word_meant(word, words, lia_setting_count);
    if (meant)
        lia_why_set(&why, LIA_EINVAL, "there is no setting '%s'; was '%s' meant?", word, meant);
    else
        lia_why_set(&why, LIA_EINVAL,
                    "there is no setting '%s'; 'liaison config example' shows all of them", word);
    lia_config_tell(config, where, why.text);
}

/* ---- environment and flags ------------------------------------------------------------------- */

#define PREFIX "LIAISON_"

const char *lia_config_named(char *const *environment)
{
    static const char name[] = PREFIX "CONFIG=";
    for (; *environment; environment++)
        if (!strncmp(*environment, name, sizeof name - 1) && (*environment)[sizeof name - 1])
            return *environment + sizeof name - 1;
    return NULL;
}

static const lia_setting *of_variable(lia_span name)
{
    char variable[LIA_SETTING_VARIABLE_SIZE];
    for (size_t i = 0; i < lia_setting_count; i++) {
        lia_setting_variable(&lia_setting_rows[i], variable);
        if (lia_span_is(name, variable)) return &lia_setting_rows[i];
    }
    return NULL;
}

static void unknown_variable(lia_config *config, const lia_said *where)
{
    char name[64];
    size_t size = 0;
    for (const char *at = where->from + strlen(PREFIX); *at && size < sizeof name; at++)
        name[size++] = *at == '_' ? '-' : (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    lia_config_unknown(config, lia_span_make(name, size), where);
}

void lia_config_environment(lia_config *config, char *const *environment)
{
    for (; *environment; environment++) {
        const char *text = *environment, *equals = strchr(text, '=');
        if (strncmp(text, PREFIX, strlen(PREFIX)) || !equals) continue;
        lia_span name = lia_span_make(text, (size_t)(equals - text));
        const char *kept = (const char *)lia_arena_copy(&config->texts, name).data;
        const lia_said where = {.from = kept ? kept : PREFIX};
        const lia_setting *row = of_variable(name);
        if (lia_span_is(name, PREFIX "CONFIG")) continue;
        if (!row)
            unknown_variable(config, &where);
        else if (equals[1])
            lia_config_take(config, row, lia_span_text(equals + 1), &where);
    }
}

void lia_config_flag(lia_config *config, const lia_setting *row, const char *value)
{
    const char *flag = lia_arena_text(&config->texts, "--%s", row->name);
    const lia_said where = {.from = flag ? flag : "--"};
    lia_config_take(config, row, lia_span_text(value ? value : "true"), &where);
}

/* ---- what belongs together ------------------------------------------------------------------- */

static const lia_said *said(const lia_config *config, const char *name)
{
    return &config->said[lia_setting_find(lia_span_text(name)) - lia_setting_rows];
}

/* Where `name` was said and `other` was not. */
static void want_beside(lia_config *config, const char *name, const char *other, const char *text)
{
    if (said(config, name)->from && !said(config, other)->from)
        lia_config_tell(config, said(config, name), text);
}

static bool is_loopback(const char *address)
{
    return !strncmp(address, "127.", 4) || !strncmp(address, "[::1]", 5);
}

/* A directory wants all that a question to it needs; without one nothing of it is said. */
static void end_directory(lia_config *config)
{
    static const char *const wants[] = {"ldap-bind-dn", "ldap-password", "ldap-base"};
    lia_why why = {{0}};
    const char *url = config->values.ldap.url;
    for (size_t i = 0; i < LIA_COUNT(wants); i++) {
        lia_why_set(&why, LIA_EINVAL, "ldap: %s is missing, which every sign-in by it needs",
                    wants[i]);
        want_beside(config, "ldap", wants[i], why.text);
    }
    if (url && !lia_ldap_url_is_here(url) && !said(config, "ldap-ca")->from)
        lia_config_tell(config, said(config, "ldap"),
                        "ldap: ldap-ca is missing, the certificates to trust for it: without TLS "
                        "only ldap:// on this machine is taken");
    for (size_t i = 0; i < lia_setting_count; i++) {
        const char *name = lia_setting_rows[i].name;
        if (strncmp(name, "ldap-", 5)) continue;
        lia_why_set(&why, LIA_EINVAL, "%s: ldap is missing, the directory's address", name);
        want_beside(config, name, "ldap", why.text);
    }
}

lia_err lia_config_end(lia_config *config, bool needs_dir)
{
    const lia_settings *s = &config->values;
    want_beside(config, "tls-cert", "tls-key",
                "tls-cert and tls-key go together: tls-key is missing");
    want_beside(config, "tls-key", "tls-cert",
                "tls-cert and tls-key go together: tls-cert is missing");
    want_beside(config, "smtp", "smtp-from",
                "smtp: smtp-from is missing, the address that mail comes from");
    want_beside(config, "smtp-from", "smtp", "smtp-from: smtp is missing, the mail server");
    want_beside(config, "smtp-login", "smtp", "smtp-login: smtp is missing, the mail server");
    want_beside(config, "trace-sample", "trace-endpoint",
                "trace-sample: trace-endpoint is missing, the collector that takes the spans");
    want_beside(config, "trace-headers", "trace-endpoint",
                "trace-headers: trace-endpoint is missing, the collector that wants them");
    want_beside(config, "trace-ca", "trace-endpoint",
                "trace-ca: trace-endpoint is missing, the collector that it is for");
    end_directory(config);
    if (s->http && !is_loopback(s->http) && !said(config, "tls-cert")->from &&
        !said(config, "proxy")->from)
        lia_config_tell(config, said(config, "http"),
                        "http: everybody on the way could read passwords: give tls-cert and "
                        "tls-key, or the proxy that has a certificate, or stay on 127.0.0.1");
    if (needs_dir && !s->dir) {
        const lia_said where = {.from = "--dir"};
        lia_config_tell(config, &where, "dir is missing: the cluster's folder; try --help");
    }
    return config->mistakes ? LIA_EINVAL : LIA_OK;
}
