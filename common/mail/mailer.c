/* SPDX-License-Identifier: Apache-2.0 */
/* The loop looks for the mail that is due first, copies it, and wakes the thread; the thread sends
 * it and wakes the loop; the loop tells the node, and looks again when that is committed. */
#include "common/mail/mailer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/base/log.h"
#include "common/mail/mail.h"
#include "common/node/fields.h"
#include "common/node/index_walk.h"
#include "common/node/traces.h"
#include "common/wire/pb.h"

/* How long after a commit the queue is looked at: a burst of mails is looked for once. */
#define LOOK_MS 20
/* Mails of one look. More are found by the next one. */
#define LOOK_MAX 1000
/* At the latest then it is looked again, whatever the due times say: clocks are put back. */
#define LOOK_AGAIN_MS (60 * 1000)
#define LETTER_MAX    ((size_t)4 << 20)

typedef enum state { IDLE, SENDING, TELLING } state;

struct lia_mailer {
    lia_node *node;
    uv_loop_t *loop;
    lia_smtp *smtp; /* the thread's; NULL: there is no server */
    lia_node_watch *watch;
    uv_timer_t timer;
    uv_async_t sent; /* from the thread */
    state state;
    bool look_again; /* something was committed since the look */
    lia_mailer_status status;

    lia_arena arena; /* of the look, then of the letter */
    lia_letter letter;
    uint32_t attempt;
    lia_trace cause, trace; /* what queued it; the attempt */
    uint64_t began_ns;

    lia_command settle;
    bool with_node; /* the command is */
    uint8_t request[1024];

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool has_letter; /* under the lock */
    bool stop;       /* atomic: the thread reads it while it sends */
    lia_smtp_outcome outcome;
    char answer[LIA_SMTP_ANSWER_SIZE];

    void (*closed)(void *);
    void *closed_context;
    int handles;
};

static void look(lia_mailer *mailer);

/* ---- the thread ------------------------------------------------------------------------------ */

static void *run(void *context)
{
    lia_mailer *mailer = context;
    pthread_mutex_lock(&mailer->lock);
    for (;;) {
        while (!mailer->has_letter && !mailer->stop)
            pthread_cond_wait(&mailer->wake, &mailer->lock);
        if (mailer->stop) break;
        mailer->has_letter = false;
        pthread_mutex_unlock(&mailer->lock);
        mailer->outcome =
            lia_smtp_send(mailer->smtp, &mailer->letter, &mailer->stop, mailer->answer);
        uv_async_send(&mailer->sent);
        pthread_mutex_lock(&mailer->lock);
    }
    pthread_mutex_unlock(&mailer->lock);
    return NULL;
}

static void hand_over(lia_mailer *mailer)
{
    mailer->state = SENDING;
    pthread_mutex_lock(&mailer->lock);
    mailer->has_letter = true;
    pthread_cond_signal(&mailer->wake);
    pthread_mutex_unlock(&mailer->lock);
}

/* ---- finding --------------------------------------------------------------------------------- */

/* Visits the mails that wait, and keeps the one of this node that is due first. */
static lia_err find(lia_mailer *mailer, const lia_rows *rows, lia_id *first, Mail__Mail **out)
{
    lia_index_walk walk;
    lia_id id;
    lia_err err = lia_index_walk_of_number(&walk, rows, LIA_MAIL, "state",
                                           MAIL__MAIL_STATE__MAIL_STATE_WAITING);
    if (err) return err;
    *out = NULL;
    mailer->status.waiting = 0;
    for (size_t seen = 0; seen < LOOK_MAX && lia_index_walk_next(&walk, &id); seen++) {
        ProtobufCMessage *message;
        if (lia_record_read(rows, LIA_MAIL, id, &mailer->arena, &message) || !message) continue;
        Mail__Mail *mail = (Mail__Mail *)message;
        if (mail->node != lia_node_member(mailer->node)->number) continue;
        mailer->status.waiting++;
        if (*out && (*out)->due_at <= mail->due_at) continue;
        *out = mail;
        *first = id;
    }
    return lia_index_walk_close(&walk, LIA_OK);
}

/* What is sent, in the mailer's arena. A mail without a body cannot be sent by anybody. */
static lia_err write_letter(lia_mailer *mailer, const lia_rows *rows, lia_id id,
                            const Mail__Mail *mail)
{
    ProtobufCMessage *message;
    lia_err err =
        lia_record_read(rows, LIA_MAIL_BODY, lia_mail_body_id(id), &mailer->arena, &message);
    const Mail__MailBody *body = (Mail__MailBody *)message;
    mailer->cause = LIA_TRACE_NONE;
    if (err) return err;
    if (!body || (!body->text && !body->html) || !mail->to || !mail->subject) return LIA_EABSENT;
    mailer->letter = (lia_letter){.id = id,
                                  .date = {mail->queued_at},
                                  .to = mail->to,
                                  .to_name = mail->to_name,
                                  .reply_to = body->reply_to,
                                  .subject = mail->subject,
                                  .text = body->text,
                                  .html = body->html};
    mailer->attempt = mail->attempts;
    mailer->cause = lia_trace_of_record(rows, LIA_MAIL, id, &mailer->arena);
    mailer->began_ns = lia_time_ticks_ns();
    return LIA_OK;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void wait_ms(lia_mailer *mailer, int64_t ms);
static void end(lia_mailer *mailer);

static void settled(lia_command *command, void *context)
{
    lia_mailer *mailer = context;
    mailer->state = IDLE;
    mailer->with_node = false;
    if (mailer->closed) {
        end(mailer);
    } else if (command->err && command->err != LIA_EABSENT && command->err != LIA_EGONE) {
        LIA_LOG(WARN, "mail.not_settled", LIA_TEXT("error", lia_err_name(command->err)));
        wait_ms(mailer, 1000);
    } else {
        look(mailer);
    }
}

static void tell(lia_mailer *mailer)
{
    Mail__SettleMail ask = MAIL__SETTLE_MAIL__INIT;
    LIA_SET_ID(&ask, mail, &mailer->letter.id);
    LIA_SET(&ask, attempt, mailer->attempt);
    LIA_SET(&ask, sent, mailer->outcome == LIA_SMTP_TAKEN);
    LIA_SET(&ask, for_good, mailer->outcome == LIA_SMTP_NEVER);
    ask.answer = mailer->answer;
    size_t size = mail__settle_mail__get_packed_size(&ask);
    lia_assert(size <= sizeof mailer->request);
    mail__settle_mail__pack(&ask, mailer->request);
    mailer->settle = (lia_command){.type = LIA_COMMAND_VERB,
                                   .row = lia_settle_mail,
                                   .request = lia_span_make(mailer->request, size),
                                   .trace = mailer->trace,
                                   .done = settled,
                                   .context = mailer};
    mailer->state = TELLING;
    mailer->with_node = lia_node_submit(mailer->node, &mailer->settle) == LIA_OK;
    if (mailer->with_node) return;
    uv_timer_stop(&mailer->timer); /* full or busy: told again, not sent again */
    wait_ms(mailer, 200);
}

/* One attempt to give a mail away, under what queued it. Nobody's address is in it. */
static void trace_attempt(lia_mailer *mailer)
{
    static const char *const outcomes[] = {
        [LIA_SMTP_TAKEN] = "taken", [LIA_SMTP_LATER] = "later", [LIA_SMTP_NEVER] = "never"};
    lia_traced traced;
    mailer->trace = mailer->cause;
    if (!lia_trace_is_wanted(&mailer->cause)) return;
    lia_traced_begin(&traced, &mailer->cause, LIA_TRACED_CLIENT, "mail send");
    traced.began_ns = mailer->began_ns;
    traced.link = mailer->cause;
    traced.failed = mailer->outcome != LIA_SMTP_TAKEN;
    lia_traced_text(&traced, "liaison.outcome", lia_span_text(outcomes[mailer->outcome]));
    lia_traced_number(&traced, "liaison.attempt", mailer->attempt + 1);
    lia_traced_end(&traced);
    mailer->trace = traced.trace;
}

static void count(lia_mailer *mailer)
{
    lia_mailer_status *status = &mailer->status;
    bool taken = mailer->outcome == LIA_SMTP_TAKEN;
    trace_attempt(mailer);
    status->tried++;
    status->sent += taken;
    status->failed += mailer->outcome == LIA_SMTP_NEVER;
    if (taken) {
        status->failing.ms = 0;
        return;
    }
    if (!status->failing.ms) status->failing = lia_time_now();
    memcpy(status->answer, mailer->answer, sizeof status->answer);
    LIA_LOG(WARN, "mail.not_taken", LIA_TEXT("answer", mailer->answer),
            LIA_INT("attempt", mailer->attempt + 1));
}

static void on_sent(uv_async_t *async)
{
    lia_mailer *mailer = async->data;
    if (mailer->closed || mailer->state != SENDING) return;
    count(mailer);
    tell(mailer);
}

/* ---- when ------------------------------------------------------------------------------------ */

static void on_timer(uv_timer_t *timer)
{
    lia_mailer *mailer = timer->data;
    if (mailer->state == TELLING)
        tell(mailer);
    else
        look(mailer);
}

static void wait_ms(lia_mailer *mailer, int64_t ms)
{
    if (ms < 0) ms = 0;
    if (ms > LOOK_AGAIN_MS) ms = LOOK_AGAIN_MS;
    uv_timer_start(&mailer->timer, on_timer, (uint64_t)ms, 0);
}

static void committed(void *context, uint64_t visible)
{
    lia_mailer *mailer = context;
    (void)visible;
    if (mailer->look_again || mailer->state != IDLE) return;
    mailer->look_again = true;
    wait_ms(mailer, LOOK_MS);
}

static void look(lia_mailer *mailer)
{
    lia_rows rows;
    lia_id id;
    Mail__Mail *mail = NULL;
    if (mailer->closed || mailer->state != IDLE) return;
    mailer->look_again = false;
    lia_arena_reset(&mailer->arena);
    if (lia_node_read(mailer->node, &rows)) {
        wait_ms(mailer, 1000);
        return;
    }
    lia_err err = find(mailer, &rows, &id, &mail);
    mailer->status.next.ms = mail ? mail->due_at : 0;
    int64_t wait = mail ? mail->due_at - lia_time_now().ms : LOOK_AGAIN_MS;
    bool due = !err && mail && mailer->smtp && wait <= 0;
    if (due) err = write_letter(mailer, &rows, id, mail);
    lia_node_read_end(mailer->node, &rows);
    if (due && !err) {
        hand_over(mailer);
    } else if (due) {
        snprintf(mailer->answer, sizeof mailer->answer, "what it says is not there: %s",
                 lia_err_text(err));
        mailer->letter.id = id;
        mailer->attempt = mail->attempts;
        mailer->outcome = LIA_SMTP_NEVER;
        count(mailer);
        tell(mailer);
    } else {
        wait_ms(mailer, mailer->smtp ? wait : LOOK_AGAIN_MS);
    }
}

/* ---- opening and closing --------------------------------------------------------------------- */

static lia_err open_smtp(lia_mailer *mailer, const lia_smtp_options *options, lia_why *why)
{
    lia_err err = lia_smtp_open(&mailer->smtp, options, why);
    if (err) return err;
    mailer->status.has_server = true;
    mailer->has_thread = pthread_create(&mailer->thread, NULL, run, mailer) == 0;
    return mailer->has_thread ? LIA_OK : LIA_EFULL;
}

static void free_mailer(lia_mailer *mailer)
{
    lia_smtp_close(mailer->smtp);
    pthread_cond_destroy(&mailer->wake);
    pthread_mutex_destroy(&mailer->lock);
    lia_arena_fini(&mailer->arena);
    free(mailer);
}

lia_err lia_mailer_open(lia_mailer **out, lia_node *node, uv_loop_t *loop,
                        const lia_smtp_options *options, lia_why *why)
{
    lia_mailer *mailer = calloc(1, sizeof *mailer);
    if (!mailer) return LIA_EFULL;
    mailer->node = node;
    mailer->loop = loop;
    pthread_mutex_init(&mailer->lock, NULL);
    pthread_cond_init(&mailer->wake, NULL);
    lia_err err = lia_arena_init(&mailer->arena, LETTER_MAX);
    if (!err && uv_async_init(loop, &mailer->sent, on_sent)) err = LIA_EFULL;
    if (err) {
        free_mailer(mailer);
        return err;
    }
    uv_timer_init(loop, &mailer->timer);
    mailer->sent.data = mailer->timer.data = mailer;
    if (options) err = open_smtp(mailer, options, why);
    mailer->watch = lia_node_watch_commits(node, committed, mailer);
    *out = mailer;
    if (err) return err; /* the caller closes what was opened, as after LIA_OK */
    wait_ms(mailer, 0);
    return LIA_OK;
}

static void handle_closed(uv_handle_t *handle)
{
    lia_mailer *mailer = handle->data;
    if (--mailer->handles) return;
    void (*closed)(void *) = mailer->closed;
    void *context = mailer->closed_context;
    free_mailer(mailer);
    closed(context);
}

static void end(lia_mailer *mailer)
{
    mailer->handles = 2;
    uv_close((uv_handle_t *)&mailer->timer, handle_closed);
    uv_close((uv_handle_t *)&mailer->sent, handle_closed);
}

/* The thread is waited for: it leaves libcurl within a second of `stop`. A settle that is with the
 * node is answered before the node has closed, so it is waited for, too. */
void lia_mailer_close(lia_mailer *mailer, void (*closed)(void *), void *context)
{
    mailer->closed = closed;
    mailer->closed_context = context;
    if (mailer->watch) lia_node_unwatch(mailer->node, mailer->watch);
    if (mailer->has_thread) {
        pthread_mutex_lock(&mailer->lock);
        __atomic_store_n(&mailer->stop, true, __ATOMIC_RELAXED);
        pthread_cond_signal(&mailer->wake);
        pthread_mutex_unlock(&mailer->lock);
        pthread_join(mailer->thread, NULL);
    }
    if (!mailer->with_node) end(mailer);
}

void lia_mailer_get_status(const lia_mailer *mailer, lia_mailer_status *out)
{
    *out = mailer->status;
}
