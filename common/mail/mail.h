/* SPDX-License-Identifier: Apache-2.0 */
/* mail - mail that goes out. Whoever wants to send calls lia_mail_queue in a turn: the mail is part
 * of the same commit as what it tells of, so neither is there without the other. The node that
 * queued it sends it (mailer.h), again and again until the mail server takes it or says that it
 * never will. */
#ifndef LIA_MAIL_MAIL_H
#define LIA_MAIL_MAIL_H

#include "common/node/turn.h"
#include "proto/mail.pb-c.h"

/* Commands and refusals as tables: a part of `lia_crm`. */
extern const lia_service lia_mail;

/* What a mailer tells of an attempt (Mail__SettleMail). */
extern const lia_command_row *const lia_settle_mail;

/* What is to be sent. Texts are UTF-8 and borrowed until lia_mail_queue returns. */
typedef struct lia_mail_draft {
    const char *to;          /* one address: "ana@example.com" */
    const char *to_name;     /* may be NULL */
    const char *reply_to;    /* may be NULL */
    const char *subject;     /* one line */
    const char *text, *html; /* at least one of them */
    const char *purpose;     /* "invitation"; a word that lists are filtered by */
    lia_id customer;         /* whom it is about, so that it is erased with them; or none */
} lia_mail_draft;

/* Stages and tells the mail, so nothing else may be staged at that moment; `id` decides which it
 * is: the same id queues nothing a second time. LIA_EINVAL  an address or the subject is no good;
 * the turn's sentence names it */
LIA_MUST_USE lia_err lia_mail_queue(lia_turn *turn, lia_id id, const lia_mail_draft *draft);

/* Where the body of a mail stands. */
lia_id lia_mail_body_id(lia_id mail);

/* How long after the n-th failed attempt (from 1) the next one is due: one minute, doubled each
 * time up to four hours. */
int64_t lia_mail_delay_ms(uint32_t attempts);
/* A mail that was not taken for so long has failed. */
#define LIA_MAIL_GIVE_UP_MS (INT64_C(5) * 24 * 3600 * 1000)

#endif
