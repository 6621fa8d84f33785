/* SPDX-License-Identifier: Apache-2.0 */
/* GET /customers/{id}/consents: what the customer has said about the use of their data, and what
 * follows from it for each purpose and channel.
 *
 *     ?purpose=marketing&channel=email      one answer only; either may be left out */
#include "common/crm/consent_read.h"
#include "common/http/api_audit.h"
#include "common/http/api_golden.h"

/* What a question names; -1: all. */
typedef struct question {
    int32_t purpose, channel;
    bool alone;
} question;

static const lia_field *field_of(const char *name)
{
    return lia_field_by_name(lia_kind_find(LIA_CONSENT)->message, lia_span_text(name));
}

static bool read_word(lia_call *call, const char *name, int32_t *number)
{
    lia_span text;
    *number = -1;
    if (!lia_call_param(call, name, &text)) return false;
    const lia_enum *words = field_of(name)->enumeration;
    if (!text.size || (lia_enum_number(words, text, number) && *number > 0)) return true;
    lia_buf list = lia_buf_make(call->arena);
    for (size_t i = 1; i < words->count; i++)
        lia_buf_format(&list, "%s%s", i > 1 ? ", " : "", words->values[i].name);
    lia_call_invalid(call, "%s: one of %.*s is wanted", name, (int)list.size,
                     (const char *)list.data);
    return false;
}

static void put_use(lia_buf *out, lia_use use, const lia_consent_answer *answer)
{
    char reason[LIA_CONSENT_REASON_SIZE];
    lia_consent_reason(answer, reason);
    lia_buf_format(out, "{\"purpose\":\"%s\",\"channel\":\"%s\",\"allowed\":%s,\"ground\":\"%s\"",
                   lia_enum_name(field_of("purpose")->enumeration, use.purpose),
                   lia_enum_name(field_of("channel")->enumeration, use.channel),
                   answer->allowed ? "true" : "false", lia_consent_ground_name(answer->ground));
    lia_buf_text(out, ",\"reason\":");
    lia_json_put_text(out, lia_span_text(reason));
    if (answer->entry) {
        lia_buf_text(out, ",\"consent\":");
        lia_json_put_id(out, answer->entry->id);
    }
    lia_buf_byte(out, '}');
}

static void put_uses(lia_buf *out, const question *asked, const lia_consent_entry *entries,
                     size_t count)
{
    const lia_enum *purposes = field_of("purpose")->enumeration;
    const lia_enum *channels = field_of("channel")->enumeration;
    lia_time now = lia_time_now();
    bool more = false;
    lia_buf_text(out, ",\"uses\":[");
    for (size_t i = 1; i < purposes->count; i++) {
        for (size_t j = 1; j < channels->count; j++) {
            int32_t purpose = purposes->values[i].number, channel = channels->values[j].number;
            if (asked->purpose >= 0 && asked->purpose != purpose) continue;
            if (asked->channel >= 0 && asked->channel != channel) continue;
            lia_use use = {(Crm__Purpose)purpose, (Crm__Channel)channel};
            lia_consent_answer answer = lia_consent_decide(entries, count, use, now);
            if (more) lia_buf_byte(out, ',');
            more = true;
            put_use(out, use, &answer);
        }
    }
    lia_buf_byte(out, ']');
}

static lia_err put_records(lia_call *call, lia_buf *out, const lia_rows *rows,
                           const lia_consent_entry *entries, size_t count)
{
    lia_shown shown;
    size_t told = 0;
    lia_buf_text(out, ",\"consents\":[");
    for (size_t i = 0; i < count; i++) {
        lia_err err = lia_shown_load(&shown, call->who, rows, lia_kind_find(LIA_CONSENT),
                                     entries[i].id, call->arena);
        if (err == LIA_EABSENT) continue;
        if (err) return err;
        if (told++) lia_buf_byte(out, ',');
        lia_shown_put_object(out, call->api, &shown, LIA_SHOW_HISTORY);
    }
    lia_buf_byte(out, ']');
    return LIA_OK;
}

static lia_err put_answer(lia_call *call, lia_buf *out, const lia_rows *rows, const question *asked)
{
    lia_record customer;
    lia_whole whole;
    lia_consent_entry *entries;
    size_t count;
    lia_err err = lia_whole_find(&whole, call->who, rows, call->id, asked->alone, call->arena);
    if (!err) err = lia_rows_record(rows, LIA_CUSTOMER, call->id, call->arena, &customer);
    if (!err)
        err = lia_consent_list(rows, whole.members, whole.count, call->arena, &entries, &count);
    if (err) return err;
    lia_buf_text(out, "{\"customer\":");
    lia_json_put_id(out, whole.customer);
    lia_buf_format(out, ",\"do_not_contact\":%s",
                   lia_consent_forbids_all(entries, count) ? "true" : "false");
    err = put_records(call, out, rows, entries, count);
    if (err) return err;
    put_uses(out, asked, entries, count);
    lia_call_note_members(call, LIA_AUDIT_CONSENTS, whole.members, whole.count, count);
    lia_buf_byte(out, '}');
    return LIA_OK;
}

void lia_api_consents(lia_call *call)
{
    question asked = {0};
    lia_rows rows;
    if (!read_word(call, "purpose", &asked.purpose) ||
        !read_word(call, "channel", &asked.channel) || !lia_call_flag(call, "alone", &asked.alone))
        return;
    lia_buf out = lia_buf_make(call->arena);
    bool sees = lia_rights_kind(lia_principal_rights(call->who), LIA_CONSENT);
    lia_err err = sees ? lia_node_read(call->api->node, &rows) : LIA_EDENIED;
    if (err) {
        lia_call_fail(call, err, NULL);
        return;
    }
    err = put_answer(call, &out, &rows, &asked);
    lia_node_read_end(call->api->node, &rows);
    if (err)
        lia_call_fail_read(call, err);
    else
        lia_call_json(call, &out);
}
