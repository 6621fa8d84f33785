/* SPDX-License-Identifier: Apache-2.0 */
#include "common/automation/answers.h"

#include "common/automation/plan.h"
#include "common/base/decimal.h"
#include "common/node/fields.h"
#include "common/wire/pb.h"

/* The highest number that protobuf knows: no field of a proto file, and no added one, has it. */
#define HTTP_FIELD ((UINT32_C(1) << 29) - 1)

/* ---- the kind -------------------------------------------------------------------------------- */

static lia_field field_of(uint32_t number, const char *name, Automation__AnswerType type,
                          uint32_t scale)
{
    lia_field field = {.number = number, .name = name, .label = name, .personal = true};
    field.type = type == AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_TEXT    ? LIA_T_STRING
                 : type == AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_TRUTH ? LIA_T_BOOL
                                                                      : LIA_T_INT;
    field.bits = 64;
    if (type == AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_INSTANT) field.meaning = LIA_M_INSTANT;
    if (type == AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_DECIMAL) {
        field.meaning = LIA_M_DECIMAL;
        field.scale = (uint8_t)(scale < LIA_DECIMAL_SCALE_MAX ? scale : LIA_DECIMAL_SCALE_MAX);
    }
    return field;
}

static bool has(const lia_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0) return true;
    return false;
}

/* What the steps take, by their names; 0: none of them asks. */
static size_t gather(const Automation__Plan *plan, size_t steps, lia_field *out)
{
    size_t count = 0;
    for (size_t i = 0; i < steps && i < plan->n_steps; i++) {
        const Automation__Step *step = plan->steps[i];
        if (step->action != AUTOMATION__ACTION__ACTION_HTTP) continue;
        if (!count)
            out[count++] =
                field_of(1, LIA_ANSWER_STATUS, AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_WHOLE, 0);
        for (size_t t = 0; t < step->n_takes && t < LIA_TAKES_MAX; t++) {
            const Automation__StepTake *take = step->takes[t];
            if (lia_text_is_empty(take->name) || has(out, count, take->name)) continue;
            out[count] = field_of((uint32_t)count + 1, take->name, take->type, take->scale);
            count++;
        }
    }
    return count;
}

/* `first` is the message of what stands in the field; the field comes first, and so wins a name. */
static const lia_kind *extend(const lia_kind *kind, const lia_message *first, lia_arena *arena)
{
    lia_kind *out = lia_arena_zero(arena, sizeof *out);
    lia_message *message = lia_arena_zero(arena, sizeof *message);
    lia_field *fields = lia_arena_zero(arena, (kind->message->count + 1) * sizeof *fields);
    if (!out || !message || !fields) return NULL;
    memcpy(fields, kind->message->fields, kind->message->count * sizeof *fields);
    fields[kind->message->count] = (lia_field){.number = HTTP_FIELD,
                                               .name = "http",
                                               .label = "http",
                                               .type = LIA_T_MESSAGE,
                                               .personal = true,
                                               .message = first};
    *message = *kind->message;
    message->fields = fields;
    message->count++;
    *out = *kind;
    out->message = message;
    return out;
}

const lia_kind *lia_answers_kind(const lia_kind *kind, const Automation__Plan *plan, size_t steps,
                                 lia_arena *arena)
{
    enum { MOST = 1 + LIA_PLAN_STEPS_MAX * LIA_TAKES_MAX };
    bool asks = false;
    for (size_t i = 0; i < steps && i < plan->n_steps; i++)
        asks |= plan->steps[i]->action == AUTOMATION__ACTION__ACTION_HTTP;
    if (!asks) return kind;
    lia_field *fields = lia_arena_zero(arena, MOST * sizeof *fields);
    lia_message *taken = lia_arena_zero(arena, sizeof *taken);
    if (!fields || !taken) return NULL;
    taken->name = "liaison.automation.http";
    taken->fields = fields;
    taken->count = gather(plan, steps < LIA_PLAN_STEPS_MAX ? steps : LIA_PLAN_STEPS_MAX, fields);
    return extend(kind, taken, arena);
}

/* ---- the values ------------------------------------------------------------------------------ */

static bool is_of(const lia_field *field, const Automation__AnswerValue *value)
{
    const lia_field as = field_of(0, "", value->type, value->scale);
    return as.type == field->type && as.meaning == field->meaning && as.scale == field->scale;
}

lia_err lia_answers_add(lia_span *message, const lia_kind *sees,
                        Automation__AnswerValue *const *answers, size_t count, lia_arena *arena)
{
    const lia_field *http = lia_field_by_name(sees->message, LIA_SPAN("http"));
    if (!http || http->number != HTTP_FIELD || !count) return LIA_OK;
    lia_buf part = lia_buf_make(arena), whole = lia_buf_make(arena);
    for (size_t i = 0; i < count; i++) {
        const lia_field *field = lia_field_by_name(http->message, lia_span_text(answers[i]->name));
        if (!field || !is_of(field, answers[i])) continue;
        if (field->type != LIA_T_STRING)
            lia_pb_put_varint(&part, field->number, (uint64_t)answers[i]->number);
        else if (answers[i]->text)
            lia_pb_put_bytes(&part, field->number, lia_span_text(answers[i]->text));
    }
    lia_buf_span(&whole, *message);
    lia_pb_put_bytes(&whole, HTTP_FIELD, lia_buf_get(&part));
    *message = lia_buf_get(&whole);
    return part.failed || whole.failed ? LIA_EFULL : LIA_OK;
}

static void put_in(Automation__Run *run, Automation__AnswerValue *value)
{
    for (size_t i = 0; i < run->n_answers; i++) {
        if (strcmp(run->answers[i]->name, value->name) != 0) continue;
        run->answers[i] = value;
        return;
    }
    run->answers[run->n_answers++] = value;
}

lia_err lia_answers_keep(Automation__Run *run, Automation__AnswerValue *const *values, size_t count,
                         uint32_t status, lia_arena *arena)
{
    size_t most = run->n_answers + count + 1;
    Automation__AnswerValue **all = lia_arena_zero(arena, most * sizeof *all);
    Automation__AnswerValue *last = lia_arena_take(arena, sizeof *last);
    if (!all || !last) return LIA_EFULL;
    if (run->n_answers) memcpy(all, run->answers, run->n_answers * sizeof *all);
    run->answers = all;
    automation__answer_value__init(last);
    last->name = LIA_ANSWER_STATUS;
    LIA_SET(last, type, AUTOMATION__ANSWER_TYPE__ANSWER_TYPE_WHOLE);
    LIA_SET(last, number, status);
    put_in(run, last);
    for (size_t i = 0; i < count; i++)
        if (!lia_text_is_empty(values[i]->name)) put_in(run, values[i]);
    return LIA_OK;
}
