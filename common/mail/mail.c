/* SPDX-License-Identifier: Apache-2.0 */
#include "common/mail/mail.h"

#include "common/mail/message.h"
#include "common/node/agent.h"
#include "common/node/fields.h"

#define SUBJECT_MAX 500

static const lia_refusal_text IS_SENT[1] = {{"is-sent", "The mail has been sent."}};
static const lia_refusal_text IS_WAITING[1] = {
    {"is-waiting", "The mail waits to be sent already."}};
static const lia_refusal_text BODY_IS_GONE[1] = {
    {"body-is-gone", "What the mail said is not kept any more: send a new one."}};

/* ---- queueing -------------------------------------------------------------------------------- */

lia_id lia_mail_body_id(lia_id mail)
{
    return lia_id_derive("mail.body", lia_id_span(&mail));
}

int64_t lia_mail_delay_ms(uint32_t attempts)
{
    enum { MINUTE = 60 * 1000, MOST = 4 * 60 * MINUTE };
    uint32_t doublings = attempts ? attempts - 1 : 0;
    if (doublings > 8) return MOST;
    int64_t delay = (int64_t)MINUTE << doublings;
    return delay < MOST ? delay : MOST;
}

static lia_err check(lia_turn *turn, const lia_mail_draft *draft)
{
    if (!draft->to || !lia_mail_address_ok(lia_span_text(draft->to)))
        return lia_turn_fail(turn, LIA_EINVAL, "to: one address is wanted, as in ana@example.com");
    if (draft->reply_to && !lia_mail_address_ok(lia_span_text(draft->reply_to)))
        return lia_turn_fail(turn, LIA_EINVAL,
                             "reply_to: one address is wanted, as in ana@example.com");
    if (lia_text_is_empty(draft->subject) || strlen(draft->subject) > SUBJECT_MAX)
        return lia_turn_fail(turn, LIA_EINVAL, "subject: 1 to %d bytes are wanted", SUBJECT_MAX);
    if (lia_text_is_empty(draft->text) && lia_text_is_empty(draft->html))
        return lia_turn_fail(turn, LIA_EINVAL, "text: is missing");
    return LIA_OK;
}

static lia_err tell_body(lia_turn *turn, lia_id mail, lia_id customer, const Mail__MailBody *body)
{
    Mail__MailBodyChanged fact = MAIL__MAIL_BODY_CHANGED__INIT;
    LIA_SET_ID(&fact, mail, &mail);
    lia_err err = lia_record(turn, LIA_MAIL_BODY, lia_mail_body_id(mail), body);
    if (err) return err;
    if (!lia_id_is_none(customer)) lia_about(turn, customer);
    return lia_tell(turn, &fact);
}

lia_err lia_mail_queue(lia_turn *turn, lia_id id, const lia_mail_draft *draft)
{
    Mail__Mail *there, mail = MAIL__MAIL__INIT;
    lia_err err = check(turn, draft);
    if (err) return err;
    err = lia_load(turn, LIA_MAIL, id, &there);
    if (err != LIA_EABSENT) return err; /* queued before */

    Mail__MailBody body = MAIL__MAIL_BODY__INIT;
    Mail__MailQueued fact = MAIL__MAIL_QUEUED__INIT;
    bool about = !lia_id_is_none(draft->customer);
    if (about) LIA_SET_ID(&body, customer, &draft->customer);
    body.text = draft->text;
    body.html = draft->html;
    body.reply_to = draft->reply_to;
    err = tell_body(turn, id, draft->customer, &body);
    if (err) return err;

    mail.to = draft->to;
    mail.to_name = draft->to_name;
    mail.subject = draft->subject;
    mail.purpose = draft->purpose;
    if (about) LIA_SET_ID(&mail, customer, &draft->customer);
    LIA_SET(&mail, state, MAIL__MAIL_STATE__MAIL_STATE_WAITING);
    LIA_SET(&mail, node, turn->node);
    LIA_SET(&mail, queued_at, turn->now.ms);
    LIA_SET(&mail, due_at, turn->now.ms);
    err = lia_record(turn, LIA_MAIL, id, &mail);
    LIA_SET_ID(&fact, mail, &id);
    return err ? err : lia_tell(turn, &fact);
}

static lia_err send_test(lia_turn *turn, const void *request)
{
    const Mail__TestMail *ask = request;
    lia_id id = lia_turn_new_id(turn);
    const lia_mail_draft draft = {
        .to = ask->to,
        .subject = "Liaison can send mail",
        .text = "This mail was sent to see whether mail from Liaison arrives. "
                "It does.\n",
        .purpose = "test"};
    lia_err err = lia_mail_queue(turn, id, &draft);
    if (!err) lia_turn_answer(turn, LIA_MAIL, id);
    return err;
}

/* ---- what became of it ----------------------------------------------------------------------- */

static lia_err record_tried(lia_turn *turn, lia_id id, const Mail__Mail *mail)
{
    Mail__MailTried fact = MAIL__MAIL_TRIED__INIT;
    lia_err err = lia_record(turn, LIA_MAIL, id, mail);
    LIA_SET_ID(&fact, mail, &id);
    LIA_SET(&fact, state, mail->state);
    return err ? err : lia_tell(turn, &fact);
}

/* Nobody needs the body of a mail that will not be sent (again). */
static lia_err drop_body(lia_turn *turn, lia_id id, const Mail__Mail *mail)
{
    Mail__MailBody none = MAIL__MAIL_BODY__INIT;
    lia_id customer = mail->has_customer ? lia_id_in(mail->customer) : LIA_ID_NONE;
    none.has_customer = mail->has_customer;
    none.customer = mail->customer;
    return tell_body(turn, id, customer, &none);
}

static lia_err settle(lia_turn *turn, const void *request)
{
    const Mail__SettleMail *ask = request;
    lia_id id = lia_id_in(ask->mail);
    Mail__Mail *mail;
    lia_err err = lia_load(turn, LIA_MAIL, id, &mail);
    if (err) return err;
    bool is_news =
        mail->state == MAIL__MAIL_STATE__MAIL_STATE_WAITING && mail->attempts == ask->attempt;
    if (!is_news && !ask->sent) return LIA_OK;

    LIA_SET(mail, attempts, ask->attempt + 1);
    mail->answer = ask->answer;
    int64_t due = turn->now.ms + lia_mail_delay_ms(mail->attempts);
    if (ask->sent)
        LIA_SET(mail, state, MAIL__MAIL_STATE__MAIL_STATE_SENT);
    else if (ask->for_good || due - mail->queued_at > LIA_MAIL_GIVE_UP_MS)
        LIA_SET(mail, state, MAIL__MAIL_STATE__MAIL_STATE_FAILED);
    bool ends = mail->state != MAIL__MAIL_STATE__MAIL_STATE_WAITING;
    if (ends) {
        LIA_CLEAR(mail, due_at);
        LIA_SET(mail, settled_at, turn->now.ms);
    } else {
        LIA_SET(mail, due_at, due);
    }
    err = record_tried(turn, id, mail);
    return err || !ask->sent ? err : drop_body(turn, id, mail);
}

static lia_err resend(lia_turn *turn, const void *request)
{
    const Mail__ResendMail *ask = request;
    lia_id id = lia_id_in(ask->id);
    Mail__Mail *mail;
    Mail__MailBody *body;
    lia_err err = lia_load(turn, LIA_MAIL, id, &mail);
    if (err) return err;
    if (mail->state == MAIL__MAIL_STATE__MAIL_STATE_SENT) return lia_refuse(turn, IS_SENT);
    bool is_ours = mail->node == turn->node;
    if (mail->state == MAIL__MAIL_STATE__MAIL_STATE_WAITING && is_ours && !mail->attempts)
        return lia_refuse(turn, IS_WAITING);
    err = lia_load(turn, LIA_MAIL_BODY, lia_mail_body_id(id), &body);
    if (err && err != LIA_EABSENT) return err;
    if (err || (!body->text && !body->html)) return lia_refuse(turn, BODY_IS_GONE);
    LIA_SET(mail, state, MAIL__MAIL_STATE__MAIL_STATE_WAITING);
    LIA_SET(mail, node, turn->node);
    LIA_SET(mail, queued_at, turn->now.ms);
    LIA_SET(mail, due_at, turn->now.ms);
    LIA_CLEAR(mail, settled_at);
    lia_turn_answer(turn, LIA_MAIL, id);
    return record_tried(turn, id, mail);
}

static lia_err cancel(lia_turn *turn, const void *request)
{
    const Mail__CancelMail *ask = request;
    lia_id id = lia_id_in(ask->id);
    Mail__Mail *mail;
    lia_err err = lia_load(turn, LIA_MAIL, id, &mail);
    if (err) return err;
    if (mail->state == MAIL__MAIL_STATE__MAIL_STATE_SENT) return lia_refuse(turn, IS_SENT);
    LIA_SET(mail, state, MAIL__MAIL_STATE__MAIL_STATE_CANCELLED);
    LIA_CLEAR(mail, due_at);
    LIA_SET(mail, settled_at, turn->now.ms);
    lia_turn_answer(turn, LIA_MAIL, id);
    err = record_tried(turn, id, mail);
    return err ? err : drop_body(turn, id, mail);
}

/* ---- tables ---------------------------------------------------------------------------------- */

enum { TEST, RESEND, CANCEL, SETTLE };

static const lia_command_row commands[] = {
    [TEST] = {"mail.test", "test", LIA_MAIL, true, &mail__test_mail__descriptor, send_test,
              "Sends a mail that says that mail arrives."},
    [RESEND] = {"mail.resend", "resend", LIA_MAIL, false, &mail__resend_mail__descriptor, resend,
                "Sends it from this node, now."},
    [CANCEL] = {"mail.cancel", "cancel", LIA_MAIL, false, &mail__cancel_mail__descriptor, cancel,
                "Does not send it any more."},
    [SETTLE] = {"mail.settle", "settle", LIA_MAIL_BODY, true, &mail__settle_mail__descriptor,
                settle, "Says what became of an attempt."},
};

const lia_command_row *const lia_settle_mail = &commands[SETTLE];

/* What a rule sends. The node that queues a mail sends it, so one without a server does not. */
static lia_err take(lia_turn *turn, const lia_parcel *parcel)
{
    if (!lia_turn_sends_mail(turn))
        return lia_turn_fail(turn, LIA_EABSENT,
                             "mail: this node has no mail server (--smtp), nothing was sent");
    const lia_mail_draft draft = {.to = parcel->to,
                                  .subject = parcel->subject ? parcel->subject : parcel->from,
                                  .text = parcel->text,
                                  .purpose = "rule",
                                  .customer = parcel->customer};
    return lia_mail_queue(turn, parcel->key, &draft);
}

static const lia_channel_row channels[] = {
    {"mail", take},
};

const lia_service lia_mail = {
    .name = "mail",
    .commands = commands,
    .command_count = LIA_COUNT(commands),
    .channels = channels,
    .channel_count = LIA_COUNT(channels),
};
