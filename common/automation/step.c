/* SPDX-License-Identifier: Apache-2.0 */
/* Effects go the way of people's commands, with the same rules and refusals: what a person could
 * not do from this node, a rule cannot either. */
#include "common/automation/step.h"

#include "common/automation/run.h"
#include "common/automation/values.h"
#include "common/node/fields.h"

/* Of what a step was given, kept in its run. */
#define INPUT_BYTES_MAX 1024

lia_id lia_step_id(const lia_doing *doing, const char *domain)
{
    uint8_t seed[LIA_ID_SIZE + 4];
    memcpy(seed, doing->run_id.bytes, LIA_ID_SIZE);
    lia_put_u32(seed + LIA_ID_SIZE, doing->run->count);
    return lia_id_derive(domain, LIA_SPAN_OF(seed));
}

/* The text with its values; NULL when out of memory. */
static const char *fill(const lia_doing *doing, const char *text)
{
    lia_buf out = lia_buf_make(doing->turn->arena);
    lia_err err = lia_template_fill(&out, lia_span_text(text), doing->subject->sees,
                                    &doing->subject->filter, LIA_AS_TEXT);
    lia_buf_byte(&out, 0);
    return err || out.failed ? NULL : (const char *)out.data;
}

/* ---- commands -------------------------------------------------------------------------------- */

static lia_err read_values(lia_doing *doing, const lia_message *target, lia_json_mode mode,
                           lia_span first, lia_json_object *out)
{
    lia_turn *turn = doing->turn;
    const lia_values values = {.list = doing->step->values,
                               .count = doing->step->n_values,
                               .target = target,
                               .mode = mode,
                               .source = doing->subject->sees};
    lia_buf json = lia_buf_make(turn->arena);
    lia_why why = {{0}};
    lia_err err = lia_values_put(&json, &values, &doing->subject->filter, first);
    if (err) return err;
    size_t shown = json.size < INPUT_BYTES_MAX ? json.size : INPUT_BYTES_MAX;
    while (shown < json.size && shown && (json.data[shown] & 0xc0) == 0x80) shown--;
    doing->input = (const char *)lia_arena_copy(turn->arena, lia_span_make(json.data, shown)).data;
    err = lia_json_read(out, target, mode, lia_buf_get(&json), turn->arena, &why);
    return err ? lia_turn_fail(turn, err, "%s", why.text) : LIA_OK;
}

static lia_err give(lia_doing *doing, lia_command *command, const lia_json_object *object)
{
    command->request = object->message;
    command->mask = object->mentioned;
    command->mask_count = object->mentioned_count;
    return lia_turn_command(doing->turn, command, &doing->made);
}

static lia_err change(lia_doing *doing, const lia_json_object *object)
{
    lia_command command = {
        .type = LIA_COMMAND_CHANGE, .kind = doing->subject->kind, .id = doing->subject->filter.id};
    doing->made_kind = doing->subject->kind->number;
    return give(doing, &command, object);
}

static lia_err do_set(lia_doing *doing)
{
    lia_json_object object;
    lia_err err =
        read_values(doing, doing->subject->kind->message, LIA_JSON_PATCH, LIA_SPAN_NONE, &object);
    return err ? err : change(doing, &object);
}

static lia_err do_create(lia_doing *doing)
{
    const lia_kind *kind = lia_kind_by_name(lia_span_text(doing->step->kind));
    lia_json_object object;
    if (!kind) return lia_turn_fail(doing->turn, LIA_EINVAL, "there is no such kind any more");
    lia_err err = read_values(doing, kind->message, LIA_JSON_CREATE, LIA_SPAN_NONE, &object);
    if (err) return err;
    lia_command command = {
        .type = LIA_COMMAND_CREATE, .kind = kind, .id = lia_step_id(doing, "automation.made")};
    doing->made_kind = kind->number;
    return give(doing, &command, &object);
}

/* `first` is the member that names the record, or what else the request must have. */
static lia_err do_command(lia_doing *doing, const lia_command_row *row, lia_id id, lia_span first)
{
    lia_json_object object;
    const lia_message *request = lia_message_find(row->request->name);
    lia_err err = read_values(doing, request, LIA_JSON_COMMAND, first, &object);
    if (err) return err;
    lia_command command = {.type = LIA_COMMAND_VERB, .row = row, .id = id};
    doing->made_kind = row->kind;
    return give(doing, &command, &object);
}

static void put_id_member(lia_buf *out, const char *name, lia_id id)
{
    lia_buf_format(out, "\"%s\":", name);
    lia_json_put_id(out, id);
}

static lia_err do_verb(lia_doing *doing)
{
    const lia_subject *subject = doing->subject;
    lia_turn *turn = doing->turn;
    const lia_command_row *row =
        lia_turn_verb(turn, subject->kind->number, lia_span_text(doing->step->verb), false);
    if (!row)
        return lia_turn_fail(turn, LIA_EOWNER, "this department's %s have no ':%s'",
                             subject->kind->plural, doing->step->verb);
    lia_buf first = lia_buf_make(turn->arena);
    put_id_member(&first, row->request->fields[0].name, subject->filter.id);
    return do_command(doing, row, subject->filter.id, lia_buf_get(&first));
}

static lia_err do_hand_over(lia_doing *doing)
{
    lia_turn *turn = doing->turn;
    const lia_command_row *row = lia_turn_verb(turn, LIA_HANDOVER, LIA_SPAN_NONE, true);
    const char *reason = fill(doing, doing->step->text);
    if (!row) return lia_turn_fail(turn, LIA_EABSENT, "nothing can be handed over here");
    if (!reason) return LIA_EFULL;
    if (lia_id_is_none(doing->subject->customer))
        return lia_turn_fail(turn, LIA_EINVAL, "the record belongs to no customer");
    lia_buf first = lia_buf_make(turn->arena);
    put_id_member(&first, "customer", doing->subject->customer);
    lia_buf_format(&first, ",\"to\":\"%s\",\"reason\":",
                   lia_department_name((lia_department)doing->step->department));
    lia_json_put_text(&first, lia_span_text(reason));
    return first.failed ? LIA_EFULL : do_command(doing, row, LIA_ID_NONE, lia_buf_get(&first));
}

/* ---- people ---------------------------------------------------------------------------------- */

static lia_err do_assign(lia_doing *doing)
{
    lia_turn *turn = doing->turn;
    lia_id user;
    const lia_kind *kind = doing->subject->kind;
    const lia_field *field = lia_field_by_name(kind->message, lia_span_text(doing->step->field));
    if (!field) return lia_turn_fail(turn, LIA_EINVAL, "there is no such field any more");
    lia_err err = lia_assign_choose(doing, field, &user);
    if (err) return err;
    lia_buf message = lia_buf_make(turn->arena);
    lia_pb_put_bytes(&message, field->number, lia_id_span(&user));
    if (message.failed) return LIA_EFULL;
    uint32_t mask = field->number;
    const lia_json_object object = {lia_buf_get(&message), &mask, 1};
    char text[LIA_ID_TEXT_SIZE];
    lia_id_print(user, text);
    doing->input = lia_arena_text(turn->arena, "{\"%s\":\"%s\"}", field->name, text);
    err = change(doing, &object);
    return err ? err : lia_assign_keep(doing);
}

/* ---- the outside ----------------------------------------------------------------------------- */

static const char *channel_of(Automation__Action action)
{
    if (action == AUTOMATION__ACTION__ACTION_MAIL) return "mail";
    return action == AUTOMATION__ACTION__ACTION_NOTIFY ? "notification" : "webhook";
}

static lia_err do_send(lia_doing *doing)
{
    const Automation__Step *step = doing->step;
    const lia_subject *subject = doing->subject;
    const lia_parcel parcel = {.key = lia_step_id(doing, "automation.parcel"),
                               .to = fill(doing, step->to),
                               .subject = step->subject ? fill(doing, step->subject) : NULL,
                               .text = step->text ? fill(doing, step->text) : NULL,
                               .kind = subject->kind->number,
                               .record = subject->filter.id,
                               .customer = subject->customer,
                               .from = doing->run->name};
    if (!parcel.to || (step->subject && !parcel.subject) || (step->text && !parcel.text))
        return LIA_EFULL;
    doing->input = parcel.to;
    if (!*parcel.to)
        return lia_turn_fail(doing->turn, LIA_EINVAL, "to: '%s' is empty for this record",
                             step->to);
    doing->queued = true;
    return lia_turn_hand_to(doing->turn, channel_of(step->action), &parcel);
}

/* ---- other flows ----------------------------------------------------------------------------- */

static lia_err do_start(lia_doing *doing)
{
    lia_turn *turn = doing->turn;
    const lia_definition *flow = lia_book_find(doing->book, lia_id_in(doing->step->flow));
    if (!flow || !flow->is_flow)
        return lia_turn_fail(turn, LIA_EABSENT,
                             "flow: it is not there, not enabled, or another department's");
    if (flow->kind != doing->subject->kind)
        return lia_turn_fail(turn, LIA_EINVAL, "flow: '%s' is about %s, this about %s", flow->name,
                             flow->kind->plural, doing->subject->kind->plural);
    const lia_start start = {.definition = flow->id,
                             .kind = flow->kind->number,
                             .record = doing->subject->filter.id,
                             .depth = doing->run->depth + 1};
    lia_id occasion = lia_step_id(doing, "automation.started");
    doing->made_kind = LIA_RUN;
    doing->made = lia_run_id(flow->id, start.record, lia_id_span(&occasion));
    return lia_run_set_off(turn, doing->made, &start, false, true);
}

lia_err lia_step_do(lia_doing *doing)
{
    switch (doing->step->action) {
    case AUTOMATION__ACTION__ACTION_SET:
        return do_set(doing);
    case AUTOMATION__ACTION__ACTION_CREATE:
        return do_create(doing);
    case AUTOMATION__ACTION__ACTION_ASSIGN:
        return do_assign(doing);
    case AUTOMATION__ACTION__ACTION_VERB:
        return do_verb(doing);
    case AUTOMATION__ACTION__ACTION_HAND_OVER:
        return do_hand_over(doing);
    case AUTOMATION__ACTION__ACTION_NOTIFY:
    case AUTOMATION__ACTION__ACTION_MAIL:
    case AUTOMATION__ACTION__ACTION_WEBHOOK:
        return do_send(doing);
    case AUTOMATION__ACTION__ACTION_START:
        return do_start(doing);
    default:
        return lia_turn_fail(doing->turn, LIA_EINVAL, "there is no such action");
    }
}
