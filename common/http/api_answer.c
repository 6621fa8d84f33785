/* SPDX-License-Identifier: Apache-2.0 */
/* How the API answers: JSON, or a problem document (RFC 9457) with a type that stays the same for
 * programs and a sentence for people. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/assert.h"
#include "common/http/api_inner.h"
#include "common/http/parser.h"

static const struct {
    uint16_t status;
    const char *type;
} problems[LIA_ERR_COUNT] = {
    [LIA_OK] = {500, "internal"},         [LIA_EABSENT] = {404, "not-found"},
    [LIA_EEXIST] = {409, "exists"},       [LIA_EINVAL] = {400, "invalid"},
    [LIA_EFULL] = {503, "full"},          [LIA_EIO] = {503, "unavailable"},
    [LIA_ECORRUPT] = {500, "corrupt"},    [LIA_ECONFLICT] = {412, "changed-meanwhile"},
    [LIA_EREFUSED] = {409, "refused"},    [LIA_EDENIED] = {403, "denied"},
    [LIA_EBUSY] = {503, "busy"},          [LIA_ECLOSED] = {503, "closing"},
    [LIA_EOWNER] = {403, "not-owner"},    [LIA_EREUSED] = {422, "key-reused"},
    [LIA_EVERSION] = {500, "newer-data"}, [LIA_EGONE] = {410, "erased"},
};

lia_problem lia_problem_of(lia_err err, lia_refusal refusal, const lia_why *why)
{
    lia_problem problem = {.status = problems[err].status,
                           .type = problems[err].type,
                           .title = lia_err_text(err),
                           .detail = why && why->text[0] ? why->text : NULL};
    if (refusal) {
        problem.code = refusal->code;
        if (!problem.detail) problem.detail = refusal->text;
    }
    return problem;
}

static void put_member(lia_buf *out, const char *name, const char *text)
{
    if (!text) return;
    lia_buf_format(out, ",\"%s\":", name);
    lia_json_put_text(out, lia_span_text(text));
}

void lia_problem_put(lia_buf *out, const lia_problem *problem)
{
    lia_buf_format(out, "{\"type\":\"/problems/%s\",\"title\":", problem->type);
    lia_json_put_text(out, lia_span_text(problem->title));
    lia_buf_format(out, ",\"status\":%u", problem->status);
    put_member(out, "detail", problem->detail);
    put_member(out, "code", problem->code);
    put_member(out, "first", problem->first);
    if (problem->current.size) {
        lia_buf_text(out, ",\"current\":");
        lia_buf_span(out, problem->current);
    }
    lia_buf_byte(out, '}');
}

void lia_api_say_least(lia_http_request *request, unsigned status, const char *type,
                       const lia_http_header *headers, size_t count)
{
    char body[200];
    int size = snprintf(body, sizeof body,
                        "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%u,"
                        "\"detail\":\"there is not enough memory to say more\"}",
                        type, lia_err_text(LIA_EFULL), status);
    lia_assert(size > 0 && size < (int)sizeof body);
    lia_http_reply(request, status, "application/problem+json", headers, count,
                   lia_span_make(body, (size_t)size));
}

void lia_call_problem(lia_call *call, const lia_problem *problem)
{
    char retry[16];
    lia_http_header headers[2];
    size_t count = 0;
    unsigned retry_s = problem->retry_s ? problem->retry_s : problem->status == 503;
    snprintf(retry, sizeof retry, "%u", retry_s);
    if (retry_s) headers[count++] = (lia_http_header){"Retry-After", retry};
    if (problem->status == 401)
        headers[count++] = (lia_http_header){"WWW-Authenticate", "Bearer realm=\"liaison\""};
    lia_buf out = lia_buf_make(call->arena);
    lia_problem_put(&out, problem);
    if (out.failed)
        lia_api_say_least(call->request, problem->status, problem->type, headers, count);
    else
        lia_http_reply(call->request, problem->status, "application/problem+json", headers, count,
                       lia_buf_get(&out));
}

/* A disk that fails under reads, too, has stopped the writer, which knows what it said. */
static const lia_why *why_of_disk(const lia_call *call, lia_err err, const lia_why *why,
                                  lia_why *said)
{
    if (why || err != LIA_EIO || !lia_node_health(call->api->node, said)) return why;
    return said;
}

void lia_call_fail(lia_call *call, lia_err err, const lia_why *why)
{
    lia_why said;
    const lia_problem problem =
        lia_problem_of(err, LIA_ALLOWED, why_of_disk(call, err, why, &said));
    lia_call_problem(call, &problem);
}

void lia_call_fail_read(lia_call *call, lia_err err)
{
    lia_why why;
    char id[LIA_ID_TEXT_SIZE];
    lia_id_print(call->id, id);
    if (err == LIA_EABSENT) lia_why_set(&why, err, "no %s has the id %s", call->kind->name, id);
    lia_call_fail(call, err, err == LIA_EABSENT ? &why : NULL);
}

bool lia_call_waited(lia_call *call, int64_t wait_ms, const char *title)
{
    if (!wait_ms) return true;
    const lia_problem problem = {.status = 429,
                                 .type = "too-many-attempts",
                                 .title = title,
                                 .detail = "wait for as long as Retry-After says",
                                 .retry_s = (unsigned)((wait_ms + 999) / 1000)};
    lia_call_problem(call, &problem);
    return false;
}

void lia_call_invalid(lia_call *call, const char *format, ...)
{
    lia_why why;
    va_list args;
    va_start(args, format);
    vsnprintf(why.text, sizeof why.text, format, args);
    va_end(args);
    lia_call_fail(call, LIA_EINVAL, &why);
}

void lia_call_answer(lia_call *call, unsigned status, const lia_http_header *headers, size_t count,
                     const lia_buf *out)
{
    if (out->failed) {
        lia_why why;
        lia_why_set(&why, LIA_EFULL, "the answer is too large; ask for a smaller page");
        lia_call_fail(call, LIA_EFULL, &why);
        return;
    }
    lia_http_reply(call->request, status, "application/json", headers, count, lia_buf_get(out));
}

/* Whether the client has this very version already. */
static bool is_known(lia_call *call, const char *etag)
{
    lia_span known;
    return lia_http_get_header(call->request, "if-none-match", &known) && lia_span_is(known, etag);
}

void lia_call_shown(lia_call *call, const char *etag, const lia_buf *out)
{
    const lia_http_header headers[] = {{"ETag", etag}, {"Cache-Control", "private, no-cache"}};
    if (is_known(call, etag))
        lia_http_reply(call->request, 304, NULL, headers, LIA_COUNT(headers), LIA_SPAN_NONE);
    else
        lia_call_answer(call, 200, headers, LIA_COUNT(headers), out);
}

void lia_call_json(lia_call *call, const lia_buf *out)
{
    static const lia_http_header no_store = {"Cache-Control", "no-store"};
    lia_call_answer(call, 200, &no_store, 1, out);
}

void lia_call_document(lia_call *call, const lia_buf *out)
{
    enum { TAG_BYTES = 12 };
    char tag[2 * TAG_BYTES + 3] = "\"";
    const lia_span bytes = lia_buf_get(out);
    lia_hash hash = lia_hash_of("liaison.document", &bytes, 1);
    for (size_t i = 0; i < TAG_BYTES; i++) snprintf(tag + 1 + 2 * i, 3, "%02x", hash.bytes[i]);
    strcat(tag, "\"");
    if (out->failed)
        lia_call_json(call, out);
    else
        lia_call_shown(call, tag, out);
}

/* ---- what a request says --------------------------------------------------------------------- */

bool lia_call_param(lia_call *call, const char *name, lia_span *value)
{
    *value = LIA_SPAN_NONE;
    lia_err err = lia_http_get_param(call->request, name, value);
    if (!err || err == LIA_EABSENT) return true;
    if (err == LIA_EFULL)
        lia_call_fail(call, err, NULL);
    else
        lia_call_invalid(call, "%s: a percent sign begins no escape, or the text is not UTF-8",
                         name);
    return false;
}

bool lia_api_number(lia_span text, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(text.data[i] - '0'), value))
            return false;
    }
    return text.size > 0;
}

bool lia_call_number(lia_call *call, const char *name, uint64_t min, uint64_t max, uint64_t *value)
{
    lia_span text;
    uint64_t number;
    if (!lia_call_param(call, name, &text)) return false;
    if (!text.data) return true;
    if (lia_api_number(text, &number) && number >= min && number <= max) {
        *value = number;
        return true;
    }
    lia_call_invalid(call, "%s: a number from %llu to %llu is wanted", name,
                     (unsigned long long)min, (unsigned long long)max);
    return false;
}

bool lia_call_flag(lia_call *call, const char *name, bool *value)
{
    lia_span text;
    if (!lia_call_param(call, name, &text)) return false;
    bool yes = lia_span_is(text, "true") || lia_span_is(text, "1");
    bool no = lia_span_is(text, "false") || lia_span_is(text, "0");
    if (yes || no) *value = yes;
    if (yes || no || !text.size) return true;
    lia_call_invalid(call, "%s: true or false is wanted", name);
    return false;
}

bool lia_call_instant(lia_call *call, const char *name, lia_span text, lia_time *time)
{
    if (!text.size || lia_time_parse(text, time) == LIA_OK) return true;
    lia_call_invalid(call, "%s: an instant or a date is wanted, as in 2026-11-22T08:30:00Z", name);
    return false;
}

/* ---- replication level ------------------------------------------------------------------------
 */

#define DEADLINE_MS     5000
#define DEADLINE_MS_MAX 60000

static bool read_level(lia_call *call, uint64_t *wanted)
{
    lia_span text;
    uint64_t others = lia_api_list_of(call->api)->count - 1;
    if (!lia_call_param(call, "replicated", &text)) return false;
    bool asked = text.data || lia_http_get_header(call->request, "liaison-replicated", &text);
    if (!asked) return true;
    if (lia_api_number(text, wanted) && *wanted <= others) return true;
    lia_call_invalid(call, "replicated: a number of other nodes is wanted, and there are %llu",
                     (unsigned long long)others);
    return false;
}

bool lia_call_level(lia_call *call, lia_hold *hold)
{
    uint64_t wanted = 0, wait_ms = DEADLINE_MS;
    if (!read_level(call, &wanted) ||
        !lia_call_number(call, "deadline_ms", 0, DEADLINE_MS_MAX, &wait_ms))
        return false;
    hold->wanted = (size_t)wanted;
    hold->until_ns = lia_time_ticks_ns() + wait_ms * 1000000;
    return true;
}

size_t lia_level_headers(const lia_hold *hold, lia_http_header headers[2],
                         char text[LIA_LEVEL_TEXT_SIZE])
{
    if (!hold->wanted) return 0;
    bool missed = lia_level_missed(hold);
    snprintf(text, LIA_LEVEL_TEXT_SIZE, "%zu", missed ? hold->holders : hold->wanted);
    headers[0] = (lia_http_header){"Liaison-Replicated", text};
    headers[1] = (lia_http_header){"Liaison-Notice", LIA_LEVEL_NOTICE};
    return missed ? 2 : 1;
}

/* ---- bodies -----------------------------------------------------------------------------------
 */

bool lia_call_body_is(lia_call *call, const char *type)
{
    lia_span given;
    if (!lia_http_get_header(call->request, "content-type", &given)) return false;
    const uint8_t *end = given.size ? memchr(given.data, ';', given.size) : NULL;
    if (end) given.size = (size_t)(end - given.data);
    while (given.size && (given.data[given.size - 1] == ' ' || given.data[given.size - 1] == '\t'))
        given.size--;
    return lia_http_word_is(given, type);
}

void lia_call_wants(lia_call *call, const char *types)
{
    lia_why why;
    lia_why_set(&why, LIA_EINVAL, "Content-Type: %s is wanted", types);
    const lia_problem problem = {.status = 415,
                                 .type = "unsupported-media-type",
                                 .title = "the body is of another type than is read here",
                                 .detail = why.text};
    lia_call_problem(call, &problem);
}

lia_id lia_api_key(lia_span text)
{
    lia_id id;
    if (lia_id_parse(text, &id) == LIA_OK) return id;
    return lia_id_derive("liaison idempotency key", text);
}

const char *lia_api_node_name(const lia_api *api, uint16_t node)
{
    const char *name = lia_members_name(lia_api_list_of(api), node);
    return name ? name : "";
}

/* ---- positions ------------------------------------------------------------------------------- */

static void print_three(lia_position position, char between, char text[LIA_POSITION_TEXT_SIZE])
{
    snprintf(text, LIA_POSITION_TEXT_SIZE, "%u%c%016llx%c%llu", position.node, between,
             (unsigned long long)position.incarnation, between, (unsigned long long)position.seq);
}

static lia_err parse_three(lia_span text, char between, lia_position *out)
{
    uint64_t node;
    uint8_t incarnation[8];
    lia_span first = lia_api_take(&text, (uint8_t)between);
    lia_span second = lia_api_take(&text, (uint8_t)between);
    if (!lia_api_number(first, &node) || node > UINT16_MAX || !lia_api_number(text, &out->seq) ||
        lia_hex_parse(second, incarnation, sizeof incarnation))
        return LIA_EINVAL;
    out->node = (uint16_t)node;
    out->incarnation = lia_get_u64(incarnation);
    return LIA_OK;
}

void lia_position_print(lia_position position, char text[LIA_POSITION_TEXT_SIZE])
{
    print_three(position, '/', text);
}

lia_err lia_position_parse(lia_span text, lia_position *out)
{
    return parse_three(text, '/', out);
}

void lia_stream_id_print(lia_position id, char text[LIA_POSITION_TEXT_SIZE])
{
    print_three(id, '.', text);
}

lia_err lia_stream_id_parse(lia_span text, lia_position *out)
{
    return parse_three(text, '.', out);
}
