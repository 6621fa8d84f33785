/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of settings are borrowed by those who use them. So what was said at the start stays for
 * ever, and of what SIGHUP reads only the rows that reload are taken: they are the mailer's, and go
 * when it has been closed. */
#include "common/http/reload.h"

#include <stdio.h>

#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/base/secret.h"

#define HEADERS_MAX 4096

/* ---- the mailer ------------------------------------------------------------------------------ */

static lia_err read_login(const lia_settings *flags, char *login, size_t size,
                          lia_smtp_options *options, lia_why *why)
{
    *options = (lia_smtp_options){.url = flags->smtp_url,
                                  .from = flags->smtp_from,
                                  .ca_file = flags->smtp_ca,
                                  .plain_allowed = flags->smtp_plain};
    if (!flags->smtp_login) return LIA_OK;
    return lia_smtp_read_login(flags->smtp_login, login, size, options, why);
}

lia_err lia_reload_open_mailer(lia_reload *reload, lia_why *why)
{
    lia_smtp_options options;
    memset(reload->login, 0, sizeof reload->login);
    lia_err err = read_login(&reload->flags, reload->login, sizeof reload->login, &options, why);
    if (!err)
        err = lia_mailer_open(&reload->mailer, reload->node, reload->loop,
                              reload->flags.smtp_url ? &options : NULL, why);
    if (!err) lia_api_set_mailer(reload->api, reload->mailer);
    return err;
}

static void mailer_closed(void *context)
{
    lia_reload *reload = context;
    void (*ended)(void *) = reload->ended;
    reload->mailer = NULL;
    reload->ended = NULL;
    ended(reload->context);
}

void lia_reload_close_mailer(lia_reload *reload, void (*closed)(void *), void *context)
{
    reload->node = NULL;
    reload->ended = closed;
    reload->context = context;
    if (reload->closing) return; /* it is under way: see reopen */
    if (reload->mailer)
        lia_mailer_close(reload->mailer, mailer_closed, reload);
    else
        mailer_closed(reload);
}

/* ---- taking over ------------------------------------------------------------------------------
 */

static void take_rows(lia_reload *reload)
{
    for (const lia_setting *row = lia_setting_rows; row < lia_setting_rows + lia_setting_count;
         row++)
        if (row->reloads) lia_setting_copy(row, &reload->flags, &reload->next.values);
    lia_config_fini(&reload->reread);
    reload->reread = reload->next;
    reload->next = (lia_config){0};
    lia_log_set_level(reload->flags.verbose ? LIA_DEBUG : LIA_INFO);
    LIA_LOG(INFO, "config.reloaded");
}

static void reopen(void *context)
{
    lia_reload *reload = context;
    lia_why why = {{0}};
    reload->mailer = NULL;
    reload->closing = false;
    take_rows(reload);
    if (reload->ended)
        mailer_closed(reload);
    else if (reload->node && lia_reload_open_mailer(reload, &why))
        LIA_LOG(ERROR, "mail.not_open", LIA_TEXT("why", why.text));
}

static bool is_mail(const lia_setting *row)
{
    return !strncmp(row->name, "smtp", 4);
}

/* Names what stays as it is until a restart. */
static void tell_others(const lia_reload *reload, bool takes_mail)
{
    for (const lia_setting *row = lia_setting_rows; row < lia_setting_rows + lia_setting_count;
         row++) {
        if (row->reloads && (takes_mail || !is_mail(row))) continue;
        if (!lia_setting_same(row, &reload->flags, &reload->next.values))
            LIA_LOG(WARN, "config.wants_restart", LIA_TEXT("setting", row->name));
    }
}

static bool mail_differs(const lia_reload *reload, const char login[512])
{
    const lia_settings *a = &reload->flags, *b = &reload->next.values;
    for (const lia_setting *row = lia_setting_rows; row < lia_setting_rows + lia_setting_count;
         row++)
        if (is_mail(row) && !lia_setting_same(row, a, b)) return true;
    return memcmp(login, reload->login, sizeof reload->login) != 0;
}

static void tell(void *context, const lia_mistake *mistake)
{
    (void)context;
    LIA_LOG(ERROR, "config.mistake", LIA_TEXT("from", mistake->from),
            LIA_INT("line", mistake->line), LIA_INT("column", mistake->column),
            LIA_TEXT("why", mistake->text));
}

/* Empty without a file. */
static lia_err read_headers(const char *path, char text[HEADERS_MAX], lia_why *why)
{
    text[0] = 0;
    return path ? lia_secret_read(path, "the collector's headers", text, HEADERS_MAX, why) : LIA_OK;
}

lia_err lia_reload_open_exporter(lia_reload *reload, const char *department, lia_why *why)
{
    char headers[HEADERS_MAX], service[64];
    const lia_settings *flags = &reload->flags;
    if (!flags->trace_endpoint) return LIA_OK;
    lia_err err = read_headers(flags->trace_headers, headers, why);
    if (err) return err;
    snprintf(service, sizeof service, "liaison-%s", department);
    const lia_exporter_options options = {.endpoint = flags->trace_endpoint,
                                          .headers = headers,
                                          .ca_file = flags->trace_ca,
                                          .service = service,
                                          .instance = flags->name ? flags->name : department,
                                          .ratio = flags->trace_sample};
    err = lia_exporter_open(&reload->exporter, &options, why);
    lia_wipe(headers, sizeof headers);
    return err;
}

/* The same file; a token in it may be another one. */
static void reload_headers(lia_reload *reload)
{
    char headers[HEADERS_MAX];
    lia_why why = {{0}};
    if (!reload->exporter || !reload->flags.trace_headers) return;
    lia_err err = read_headers(reload->flags.trace_headers, headers, &why);
    if (!err) err = lia_exporter_set_headers(reload->exporter, headers, &why);
    lia_wipe(headers, sizeof headers);
    if (err)
        LIA_LOG(ERROR, "trace.headers_kept", LIA_TEXT("why", why.text));
    else
        LIA_LOG(INFO, "trace.headers_read");
}

static void reload_tls(lia_tls *tls)
{
    lia_why why = {{0}};
    if (!tls) return;
    if (lia_tls_reload(tls, &why))
        LIA_LOG(ERROR, "certificate.not_read", LIA_TEXT("why", why.text));
    else
        LIA_LOG(INFO, "certificate.read");
}

static void take_verbose(lia_reload *reload)
{
    reload->flags.verbose = reload->next.values.verbose;
    lia_log_set_level(reload->flags.verbose ? LIA_DEBUG : LIA_INFO);
    lia_config_fini(&reload->next);
    LIA_LOG(INFO, "config.reloaded");
}

/* The login is looked at before the former mailer ends: with a wrong one that goes on. */
static void take_mail(lia_reload *reload)
{
    lia_smtp_options unused;
    lia_why why = {{0}};
    char login[sizeof reload->login] = {0};
    lia_err err = read_login(&reload->next.values, login, sizeof login, &unused, &why);
    if (err) {
        LIA_LOG(ERROR, "config.kept", LIA_TEXT("why", why.text));
        lia_config_fini(&reload->next);
    } else if (!mail_differs(reload, login)) {
        take_verbose(reload);
    } else {
        reload->closing = true;
        lia_api_set_mailer(reload->api, NULL);
        lia_mailer_close(reload->mailer, reopen, reload);
    }
    lia_wipe(login, sizeof login);
}

void lia_reload_now(lia_reload *reload, lia_tls *tls)
{
    const lia_mistakes to = {tell, NULL};
    if (reload->closing || !reload->node) return;
    reload_tls(tls);
    reload_headers(reload);
    if (lia_flags_again(&reload->next, &reload->start, &to)) {
        LIA_LOG(ERROR, "config.kept",
                LIA_TEXT("why", "the settings have mistakes; the former count"));
        return;
    }
    /* Whether a mail server is used at all is known to rules and flows, which begin with the node.
     */
    bool had = reload->flags.smtp_url != NULL, has = reload->next.values.smtp_url != NULL;
    tell_others(reload, had == has);
    if (had && has)
        take_mail(reload);
    else
        take_verbose(reload);
}

void lia_reload_fini(lia_reload *reload)
{
    lia_config_fini(&reload->next);
    lia_config_fini(&reload->reread);
    lia_config_fini(&reload->begun);
    lia_wipe(reload->login, sizeof reload->login);
}
