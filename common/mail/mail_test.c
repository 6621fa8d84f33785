/* SPDX-License-Identifier: Apache-2.0 */
/* Mails as records: what becomes of them when attempts end. That they arrive is shown by
 * cluster.mail. */
#include "common/mail/mail.h"

#include "common/node/agent.h"
#include "common/node/fields.h"
#include "common/node/node_rig.h"

static const lia_service *const parts[] = {&lia_mail};

/* What a step of a rule does, as a verb: the task's id is the parcel's key. */
static lia_err post(lia_turn *turn, const void *request)
{
    const Crm__CompleteTask *ask = request;
    Crm__Task *task;
    lia_err err = lia_load(turn, LIA_TASK, lia_id_in(ask->task), &task);
    if (err) return err;
    const lia_parcel parcel = {
        .key = lia_id_in(ask->task), .to = task->title, .subject = "hello", .text = "x"};
    return lia_turn_hand_to(turn, "mail", &parcel);
}
static const lia_command_row commands[] = {
    {"task.post", "post", LIA_TASK, false, &crm__complete_task__descriptor, post, ""}};
static const lia_service service = {.name = "sales",
                                    .department = LIA_SALES,
                                    .parts = parts,
                                    .part_count = 1,
                                    .commands = commands,
                                    .command_count = 1};

static void start(rig *r)
{
    *r = (rig){.services = {NULL, &service}};
    rig_make(r, 1);
    rig_start(r, 1);
}

static lia_err say(rig *r, const lia_command_row *row, const char *verb, lia_id id,
                   const void *request, lia_command *command)
{
    static uint8_t bytes[4096];
    if (!row)
        row = lia_node_command(r->nodes[1], LIA_MAIL, lia_span_text(verb), lia_id_is_none(id));
    *command = (lia_command){.type = LIA_COMMAND_VERB,
                             .kind = lia_kind_find(row->kind),
                             .row = row,
                             .id = id,
                             .request = rig_pack(request, bytes, sizeof bytes)};
    return rig_do(r, 1, command);
}

static lia_id test_mail(rig *r)
{
    lia_command command;
    Mail__TestMail ask = MAIL__TEST_MAIL__INIT;
    ask.to = "ana@example.com";
    CHECK_OK(say(r, NULL, "test", LIA_ID_NONE, &ask, &command));
    return command.record;
}

static void settle(rig *r, lia_id id, uint32_t attempt, bool sent, bool for_good)
{
    lia_command command;
    Mail__SettleMail ask = MAIL__SETTLE_MAIL__INIT;
    LIA_SET_ID(&ask, mail, &id);
    LIA_SET(&ask, attempt, attempt);
    LIA_SET(&ask, sent, sent);
    LIA_SET(&ask, for_good, for_good);
    ask.answer = "451 not now";
    CHECK_OK(say(r, lia_settle_mail, NULL, LIA_ID_NONE, &ask, &command));
}

static lia_refusal refused(rig *r, const char *verb, lia_id id)
{
    lia_command command;
    Mail__ResendMail ask = MAIL__RESEND_MAIL__INIT;
    LIA_SET_ID(&ask, id, &id);
    lia_err err = say(r, NULL, verb, id, &ask, &command);
    if (!err) return NULL;
    CHECK_ERR(err, LIA_EREFUSED);
    return command.refusal;
}

static lia_arena *fresh(void)
{
    static lia_arena arena;
    if (!arena.base) CHECK_OK(lia_arena_init(&arena, (size_t)1 << 20));
    lia_arena_reset(&arena);
    return &arena;
}

/* A record, read back; NULL when there is none. Valid until the next one. */
static const void *record(rig *r, uint16_t kind, lia_id id)
{
    lia_rows rows;
    ProtobufCMessage *message;
    CHECK_OK(lia_node_read(r->nodes[1], &rows));
    CHECK_OK(lia_record_read(&rows, kind, id, fresh(), &message));
    lia_node_read_end(r->nodes[1], &rows);
    return message;
}
static const Mail__Mail *mail_of(rig *r, lia_id id)
{
    return record(r, LIA_MAIL, id);
}
static bool has_body(rig *r, lia_id id)
{
    const Mail__MailBody *body = record(r, LIA_MAIL_BODY, lia_mail_body_id(id));
    return body && body->text;
}

TEST(an_attempt_that_failed_for_now_is_followed_by_another)
{
    rig r;
    start(&r);
    lia_id id = test_mail(&r);
    settle(&r, id, 0, false, false);
    const Mail__Mail *mail = mail_of(&r, id);
    CHECK_EQ(mail->state, MAIL__MAIL_STATE__MAIL_STATE_WAITING);
    CHECK_EQ(mail->attempts, 1);
    CHECK(mail->due_at >= mail->queued_at + lia_mail_delay_ms(1));
    CHECK_TEXT(mail->answer, "451 not now");
    CHECK(has_body(&r, id));
    settle(&r, id, 0, false, true); /* told twice, and late: the attempt counted already */
    CHECK_EQ(mail_of(&r, id)->attempts, 1);
    CHECK_EQ(mail_of(&r, id)->state, MAIL__MAIL_STATE__MAIL_STATE_WAITING);
    rig_end(&r);
}

TEST(a_mail_that_was_sent_keeps_no_body_and_is_not_sent_again)
{
    rig r;
    start(&r);
    lia_id id = test_mail(&r);
    CHECK(has_body(&r, id));
    settle(&r, id, 0, true, false);
    CHECK_EQ(mail_of(&r, id)->state, MAIL__MAIL_STATE__MAIL_STATE_SENT);
    CHECK(!has_body(&r, id));
    CHECK_TEXT(refused(&r, "resend", id)->code, "is-sent");
    CHECK_TEXT(refused(&r, "cancel", id)->code, "is-sent");
    rig_end(&r);
}

TEST(a_mail_that_failed_can_be_sent_again_and_one_that_was_cancelled_cannot)
{
    rig r;
    start(&r);
    lia_id id = test_mail(&r);
    CHECK_TEXT(refused(&r, "resend", id)->code, "is-waiting");
    settle(&r, id, 0, false, true);
    CHECK_EQ(mail_of(&r, id)->state, MAIL__MAIL_STATE__MAIL_STATE_FAILED);
    CHECK(!refused(&r, "resend", id));
    CHECK_EQ(mail_of(&r, id)->state, MAIL__MAIL_STATE__MAIL_STATE_WAITING);
    CHECK(!refused(&r, "cancel", id));
    CHECK_EQ(mail_of(&r, id)->state, MAIL__MAIL_STATE__MAIL_STATE_CANCELLED);
    CHECK(!has_body(&r, id));
    CHECK_TEXT(refused(&r, "resend", id)->code, "body-is-gone");
    settle(&r, id, 1, true, false); /* the server had it already: that is what happened */
    CHECK_EQ(mail_of(&r, id)->state, MAIL__MAIL_STATE__MAIL_STATE_SENT);
    rig_end(&r);
}

TEST(what_cannot_be_sent_is_refused_by_name)
{
    rig r;
    lia_command command;
    start(&r);
    Mail__TestMail ask = MAIL__TEST_MAIL__INIT;
    ask.to = "ana@example.com, ben@example.com";
    CHECK_ERR(say(&r, NULL, "test", LIA_ID_NONE, &ask, &command), LIA_EINVAL);
    CHECK(strncmp(command.why.text, "to: ", 4) == 0);
    rig_end(&r);
}

/* ---- what rules have sent ---------------------------------------------------------------------
 */

static lia_err post_task(rig *r, const char *to, lia_id *id, lia_command *command)
{
    Crm__Task task = CRM__TASK__INIT;
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    task.title = to;
    *id = rig_create(r, 1, LIA_TASK, &task);
    LIA_SET_ID(&ask, task, id);
    return say(r, lia_node_command(r->nodes[1], LIA_TASK, LIA_SPAN("post"), false), NULL, *id, &ask,
               command);
}

/* With a server a parcel is a mail that waits, once however often it is given; an address that is
 * none is refused by name. */
TEST(a_parcel_becomes_a_mail_where_there_is_a_server)
{
    rig r;
    lia_id id;
    lia_command command;
    start(&r);
    rig_stop(&r, 1);
    lia_why why = {0};
    lia_node_options options = {.loop = &r.loop,
                                .dir = r.dir,
                                .name = "sales",
                                .service = &service,
                                .sends_mail = true,
                                .map_bytes = (size_t)1 << 30};
    CHECK_OK(lia_node_open(&r.nodes[1], &options, &why));
    RIG_UNTIL(&r, lia_node_health(r.nodes[1], NULL) != LIA_EBUSY);
    CHECK_OK(post_task(&r, "ana@example.com", &id, &command));
    CHECK(command.position.seq > 0);
    Crm__CompleteTask ask = CRM__COMPLETE_TASK__INIT;
    LIA_SET_ID(&ask, task, &id);
    CHECK_OK(say(&r, command.row, NULL, id, &ask, &command));
    CHECK_EQ(command.position.seq, 0); /* nothing had to change */
    CHECK_ERR(post_task(&r, "nobody", &id, &command), LIA_EINVAL);
    CHECK(strstr(command.why.text, "nobody") || strstr(command.why.text, "to"));
    rig_end(&r);
}

TEST(a_parcel_is_refused_where_there_is_none)
{
    rig r;
    lia_id id;
    lia_command command;
    start(&r);
    CHECK_ERR(post_task(&r, "ana@example.com", &id, &command), LIA_EABSENT);
    CHECK_TEXT(command.why.text, "mail: this node has no mail server (--smtp), nothing was sent");
    rig_end(&r);
}
