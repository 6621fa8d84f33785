/* SPDX-License-Identifier: Apache-2.0 */
#include "common/mail/smtp.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/secret.h"
#include "common/mail/message.h"

#define CONNECT_SECONDS 15L
#define SEND_SECONDS    120L
#define HEADERS_MAX     ((size_t)64 << 10)

struct lia_smtp {
    lia_smtp_options options;
    const char *domain; /* of the sender's address, for message ids */
    CURL *curl;
    lia_arena arena;
    const bool *stop;
    char line[LIA_SMTP_ANSWER_SIZE]; /* the server's last one; of those that refuse, once one did */
    char error[CURL_ERROR_SIZE];
};

/* ---- the login ------------------------------------------------------------------------------- */

lia_err lia_smtp_read_login(const char *path, char *line, size_t size, lia_smtp_options *options,
                            lia_why *why)
{
    lia_err err = lia_secret_read(path, "the mail server's login", line, size, why);
    if (err) return err;
    line[strcspn(line, "\r\n")] = 0;
    char *colon = strchr(line, ':');
    if (!colon)
        return lia_why_set(why, LIA_EINVAL, "%s: its first line is not user:password", path);
    *colon = 0;
    options->user = line;
    options->password = colon + 1;
    return LIA_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static lia_err check(const lia_smtp_options *options, lia_why *why)
{
    bool known =
        strncmp(options->url, "smtp://", 7) == 0 || strncmp(options->url, "smtps://", 8) == 0;
    if (!known)
        return lia_why_set(
            why, LIA_EINVAL,
            "the mail server's address is '%s'; smtp://host:port or smtps://host:port "
            "is wanted",
            options->url);
    if (!options->from || !lia_mail_address_ok(lia_span_text(options->from)))
        return lia_why_set(why, LIA_EINVAL,
                           "the address that mail comes from is '%s'; one address is wanted, as in "
                           "crm@example.com",
                           options->from ? options->from : "");
    return LIA_OK;
}

lia_err lia_smtp_open(lia_smtp **out, const lia_smtp_options *options, lia_why *why)
{
    lia_err err = check(options, why);
    if (err) return err;
    lia_smtp *smtp = calloc(1, sizeof *smtp);
    if (!smtp) return LIA_EFULL;
    smtp->options = *options;
    smtp->domain = strchr(options->from, '@') + 1;
    smtp->curl = curl_easy_init();
    err = smtp->curl ? lia_arena_init(&smtp->arena, HEADERS_MAX) : LIA_EFULL;
    if (err)
        lia_smtp_close(smtp);
    else
        *out = smtp;
    return err;
}

void lia_smtp_close(lia_smtp *smtp)
{
    if (!smtp) return;
    if (smtp->curl) curl_easy_cleanup(smtp->curl);
    lia_arena_fini(&smtp->arena);
    free(smtp);
}

/* ---- headers --------------------------------------------------------------------------------- */

static bool add(struct curl_slist **list, lia_buf *line)
{
    lia_buf_byte(line, 0);
    struct curl_slist *longer = line->failed ? NULL : curl_slist_append(*list, (char *)line->data);
    if (longer) *list = longer;
    return longer;
}

/* Thu, 21 Nov 2026 09:05:01 +0000 (RFC 5322, 3.3) */
static void put_date(lia_buf *out, lia_time date)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(date.ms / 1000);
    struct tm t;
    if (!gmtime_r(&seconds, &t)) return;
    lia_buf_format(out, "%s, %02d %s %d %02d:%02d:%02d +0000", days[t.tm_wday], t.tm_mday,
                   months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static bool add_mailbox(lia_smtp *smtp, struct curl_slist **list, const char *header,
                        const char *name, const char *address)
{
    lia_buf line = lia_buf_make(&smtp->arena);
    lia_buf_text(&line, header);
    lia_mail_put_mailbox(&line, name ? lia_span_text(name) : LIA_SPAN_NONE, lia_span_text(address));
    return add(list, &line);
}

/* Auto-Submitted keeps answering machines from answering (RFC 3834). */
static struct curl_slist *headers_of(lia_smtp *smtp, const lia_letter *letter)
{
    struct curl_slist *list = NULL;
    char id[LIA_ID_TEXT_SIZE];
    lia_id_print(letter->id, id);
    lia_buf date = lia_buf_make(&smtp->arena), subject = date, mark = date, automatic = date,
            form = date;
    lia_buf_text(&date, "Date: ");
    put_date(&date, letter->date);
    lia_buf_text(&subject, "Subject: ");
    lia_mail_put_words(&subject, lia_span_text(letter->subject));
    lia_buf_format(&mark, "Message-ID: <%s@%s>", id, smtp->domain);
    lia_buf_text(&automatic, "Auto-Submitted: auto-generated");
    lia_buf_text(&form, "Content-Type: multipart/alternative"); /* libcurl adds the boundary */
    bool ok =
        add(&list, &date) && add_mailbox(smtp, &list, "From: ", "Liaison", smtp->options.from) &&
        add_mailbox(smtp, &list, "To: ", letter->to_name, letter->to) && add(&list, &subject) &&
        add(&list, &mark) && add(&list, &automatic) && add(&list, &form);
    if (ok && letter->reply_to) ok = add_mailbox(smtp, &list, "Reply-To: ", NULL, letter->reply_to);
    if (ok) return list;
    curl_slist_free_all(list);
    return NULL;
}

/* ---- the body -------------------------------------------------------------------------------- */

static bool add_part(curl_mime *mime, const char *text, const char *type)
{
    curl_mimepart *part = curl_mime_addpart(mime);
    return part && !curl_mime_data(part, text, CURL_ZERO_TERMINATED) &&
           !curl_mime_type(part, type) && !curl_mime_encoder(part, "quoted-printable");
}

/* The best form comes last (RFC 2046, 5.1.4); headers_of says that they are alternatives. */
static curl_mime *body_of(lia_smtp *smtp, const lia_letter *letter)
{
    curl_mime *mime = curl_mime_init(smtp->curl);
    bool ok = mime;
    if (ok && letter->text) ok = add_part(mime, letter->text, "text/plain; charset=utf-8");
    if (ok && letter->html) ok = add_part(mime, letter->html, "text/html; charset=utf-8");
    if (ok) return mime;
    curl_mime_free(mime);
    return NULL;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* The server's lines come to the header function. */
static size_t heard(char *data, size_t size, size_t count, void *context)
{
    lia_smtp *smtp = context;
    size_t used = size * count;
    bool refuses = used && (data[0] == '4' || data[0] == '5');
    if (!refuses && (smtp->line[0] == '4' || smtp->line[0] == '5')) return used;
    if (used >= sizeof smtp->line) used = sizeof smtp->line - 1;
    memcpy(smtp->line, data, used);
    while (used && (smtp->line[used - 1] == '\n' || smtp->line[used - 1] == '\r')) used--;
    smtp->line[used] = 0;
    return size * count;
}

static int progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    const lia_smtp *smtp = context;
    return __atomic_load_n(smtp->stop, __ATOMIC_RELAXED);
}

static void set_options(lia_smtp *smtp)
{
    CURL *curl = smtp->curl;
    const lia_smtp_options *options = &smtp->options;
    curl_easy_reset(curl); /* keeps the connection */
    curl_easy_setopt(curl, CURLOPT_URL, options->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL,
                     (long)(options->plain_allowed ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (options->ca_file) curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    if (options->user) curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
    if (options->password) curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, options->from);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_SECONDS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->error);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, heard);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
}

/* What failed before the server spoke, or in the middle, is worth another try; what it refused with
 * 5xx is not. A login or a name that it does not accept is a mistake of ours, which somebody can
 * mend meanwhile. */
static lia_smtp_outcome judge(lia_smtp *smtp, CURLcode code, char answer[LIA_SMTP_ANSWER_SIZE])
{
    long status = 0;
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK) {
        snprintf(answer, LIA_SMTP_ANSWER_SIZE, "%s", smtp->line);
        return LIA_SMTP_TAKEN;
    }
    bool refused = code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                   code == CURLE_RECV_ERROR || code == CURLE_QUOTE_ERROR;
    const char *words = smtp->error[0] ? smtp->error : curl_easy_strerror(code);
    snprintf(answer, LIA_SMTP_ANSWER_SIZE, "%.120s%s%.120s", words, smtp->line[0] ? ": " : "",
             smtp->line);
    return refused && status >= 500 && status < 600 ? LIA_SMTP_NEVER : LIA_SMTP_LATER;
}

lia_smtp_outcome lia_smtp_send(lia_smtp *smtp, const lia_letter *letter, const bool *stop,
                               char answer[LIA_SMTP_ANSWER_SIZE])
{
    lia_smtp_outcome outcome = LIA_SMTP_LATER;
    lia_arena_reset(&smtp->arena);
    smtp->stop = stop;
    smtp->line[0] = smtp->error[0] = 0;
    set_options(smtp);
    struct curl_slist *to = curl_slist_append(NULL, letter->to);
    struct curl_slist *headers = headers_of(smtp, letter);
    curl_mime *body = body_of(smtp, letter);
    if (to && headers && body) {
        curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, to);
        curl_easy_setopt(smtp->curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(smtp->curl, CURLOPT_MIMEPOST, body);
        outcome = judge(smtp, curl_easy_perform(smtp->curl), answer);
    } else {
        snprintf(answer, LIA_SMTP_ANSWER_SIZE, "there is not enough memory");
    }
    curl_mime_free(body);
    curl_slist_free_all(headers);
    curl_slist_free_all(to);
    return outcome;
}
