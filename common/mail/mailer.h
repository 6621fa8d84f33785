/* SPDX-License-Identifier: Apache-2.0 */
/* mailer - sends the mails that wait at this node: finds those that are due, gives them to the mail
 * server one after the other on a thread of its own, and tells the node what became of them. What
 * was not told when the process ended is sent again under the same Message-ID. Loop thread only. */
#ifndef LIA_MAIL_MAILER_H
#define LIA_MAIL_MAILER_H

#include "common/mail/smtp.h"
#include "common/node/node.h"

typedef struct lia_mailer lia_mailer;

/* `options` NULL: there is no mail server; mails wait until there is one.
 * On LIA_OK *out is yours until lia_mailer_close.   LIA_EINVAL  the options; `why` says which */
LIA_MUST_USE lia_err lia_mailer_open(lia_mailer **out, lia_node *node, uv_loop_t *loop,
                                     const lia_smtp_options *options, lia_why *why);
/* Lets go of the mail that is being sent, frees, and calls `closed` from the loop. Before the node
 * is closed. */
void lia_mailer_close(lia_mailer *mailer, void (*closed)(void *), void *context);

typedef struct lia_mailer_status {
    bool has_server;
    size_t waiting;                    /* mails of this node, counted up to 1,000 */
    lia_time next;                     /* when the next is due; 0: none waits */
    uint64_t sent, failed, tried;      /* since the start */
    lia_time failing;                  /* since when no mail was taken; 0: the last one was */
    char answer[LIA_SMTP_ANSWER_SIZE]; /* of the last attempt that failed */
} lia_mailer_status;
void lia_mailer_get_status(const lia_mailer *mailer, lia_mailer_status *out);

#endif
