/* SPDX-License-Identifier: Apache-2.0 */
/* smtp - gives one mail to a mail server (RFC 5321, RFC 3207, RFC 4954), by libcurl. Blocking: for
 * a thread of its own. The connection stays open for the next mail. */
#ifndef LIA_MAIL_SMTP_H
#define LIA_MAIL_SMTP_H

#include "common/base/arena.h"
#include "common/base/id.h"
#include "common/base/time.h"

typedef struct lia_smtp lia_smtp;

/* Which server, and as whom. Texts are borrowed for as long as the smtp is open. */
typedef struct lia_smtp_options {
    const char *url;             /* "smtp://mail.example.com:587", "smtps://..." */
    const char *from;            /* address that the mail comes from */
    const char *user, *password; /* NULL: no authentication */
    const char *ca_file;         /* certificates that are trusted; NULL: the system's */
    bool plain_allowed;          /* also without TLS; else a server that offers none gets nothing */
} lia_smtp_options;

/* What is given; texts are borrowed until lia_smtp_send returns. */
typedef struct lia_letter {
    lia_id id; /* of the mail: its Message-ID says it, so a receiver that gets it twice can tell */
    lia_time date;
    const char *to, *to_name, *reply_to, *subject, *text,
        *html; /* to_name, reply_to, text or html: NULL: none */
} lia_letter;

typedef enum lia_smtp_outcome {
    LIA_SMTP_TAKEN,
    LIA_SMTP_LATER, /* try again: the server said so (4xx), or could not be reached */
    LIA_SMTP_NEVER  /* the server will not take this mail (5xx) */
} lia_smtp_outcome;

#define LIA_SMTP_ANSWER_SIZE 256

/* Reads "user:password", the first line of a file that only its owner can read, into `line`, and
 * points the options there.   LIA_EINVAL, LIA_EIO  `why` names the file and says what is wrong with
 * it */
LIA_MUST_USE lia_err lia_smtp_read_login(const char *path, char *line, size_t size,
                                         lia_smtp_options *options, lia_why *why);

/*   LIA_EINVAL  the url or the address is no good; `why` says how      LIA_EFULL */
LIA_MUST_USE lia_err lia_smtp_open(lia_smtp **out, const lia_smtp_options *options, lia_why *why);
void lia_smtp_close(lia_smtp *smtp);

/* `answer`: the server's last words, or why there were none. Ends within two minutes; soon after
 * *stop becomes true. */
lia_smtp_outcome lia_smtp_send(lia_smtp *smtp, const lia_letter *letter, const bool *stop,
                               char answer[LIA_SMTP_ANSWER_SIZE]);

#endif
