/* SPDX-License-Identifier: Apache-2.0 */
/* reload - what a running department takes over from its settings on SIGHUP: certificates, the mail
 * server, what the collector of spans wants to hear, how much is logged. All else stays as it was
 * begun, and is named in the log. Internal to common/http. */
#ifndef LIA_HTTP_RELOAD_H
#define LIA_HTTP_RELOAD_H

#include "common/config/flags.h"
#include "common/http/api.h"
#include "common/http/tls.h"
#include "common/mail/mailer.h"
#include "common/trace/exporter.h"

/* Zeroed before. Loop thread. */
typedef struct lia_reload {
    lia_start start;
    lia_config begun;   /* what it was told at its start */
    lia_config reread;  /* what SIGHUP read last; zeroed: nothing yet */
    lia_config next;    /* what takes its place once the former mailer is closed */
    lia_settings flags; /* in force: texts of either */
    lia_node *node;     /* NULL: not open */
    lia_api *api;
    lia_mailer *mailer;
    lia_exporter *exporter; /* NULL: no spans are sent */
    uv_loop_t *loop;
    char login[512];              /* the mailer borrows it */
    bool closing;                 /* of the mailer: for another one */
    void (*ended)(void *context); /* waits until that is closed */
    void *context;
} lia_reload;

/* The mailer, by the settings in force.   Errors as lia_smtp_read_login, lia_mailer_open */
LIA_MUST_USE lia_err lia_reload_open_mailer(lia_reload *reload, lia_why *why);
/* Closes it, when there is one; then, maybe at once, `closed`. */
void lia_reload_close_mailer(lia_reload *reload, void (*closed)(void *), void *context);

/* Sends spans, by the settings in force; nothing when they name no collector. Of the department
 * by this name.   Errors as lia_secret_read, lia_exporter_open */
LIA_MUST_USE lia_err lia_reload_open_exporter(lia_reload *reload, const char *department,
                                              lia_why *why);

/* SIGHUP. With mistakes everything stays as it is, and each is logged. `tls` may be NULL. */
void lia_reload_now(lia_reload *reload, lia_tls *tls);
void lia_reload_fini(lia_reload *reload);

#endif
