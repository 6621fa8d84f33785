/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes in which a new node and the administrators leave one another a word (common/bus/join.h). An
 * administrator opens one, for some minutes; whoever knows its name may put one question in. The
 * node cannot read what it means, and need not be believed. In memory: a restart closes them. */
#include <stdlib.h>

#include "common/base/log.h"
#include "common/bus/join.h"
#include "common/http/api_inner.h"
#include "common/http/json_cut.h"

#define BOXES_MAX   16
#define SECONDS_MAX 86400

typedef struct box {
    uint8_t name[LIA_JOIN_BOX_SIZE];
    uint64_t until_ns;
    bool asked;
    uint8_t ask[LIA_JOIN_ASK_SIZE];
    uint8_t *answer; /* malloc */
    size_t answer_size;
} box;

struct lia_boxes {
    box list[BOXES_MAX];
    size_t count;
};

static void drop(struct lia_boxes *boxes, size_t i)
{
    free(boxes->list[i].answer);
    boxes->list[i] = boxes->list[--boxes->count];
}

void lia_boxes_close(lia_api *api)
{
    while (api->boxes && api->boxes->count) drop(api->boxes, 0);
    free(api->boxes);
    api->boxes = NULL;
}

static void drop_old(struct lia_boxes *boxes)
{
    for (size_t i = boxes->count; i-- > 0;)
        if (boxes->list[i].until_ns <= lia_time_ticks_ns()) drop(boxes, i);
}

/* ---- what stands in a request -----------------------------------------------------------------
 */

/* Hexadecimal digits of the body's object. False when there are none of at most `max` bytes. */
static bool read_bytes(lia_call *call, const char *name, size_t max, lia_span *out)
{
    lia_span text;
    if (!lia_json_cut(lia_http_get_body(call->request), name, &text) || text.size < 2 ||
        text.data[0] != '"' || text.size % 2 || text.size / 2 - 1 > max)
        return false;
    size_t size = text.size / 2 - 1;
    uint8_t *bytes = lia_arena_take(call->arena, size + 1);
    *out = lia_span_make(bytes, size);
    return bytes && lia_hex_parse(lia_span_make(text.data + 1, 2 * size), bytes, size) == LIA_OK;
}

static bool is_json(lia_call *call)
{
    if (lia_call_body_is(call, "application/json")) return true;
    lia_call_wants(call, "application/json");
    return false;
}

static box *find(lia_api *api, lia_span name)
{
    if (!api->boxes || name.size != LIA_JOIN_BOX_SIZE) return NULL;
    drop_old(api->boxes);
    for (size_t i = 0; i < api->boxes->count; i++)
        if (lia_secret_equal(api->boxes->list[i].name, name.data, name.size))
            return &api->boxes->list[i];
    return NULL;
}

static box *find_named(lia_call *call)
{
    lia_why why;
    lia_span name;
    box *found = read_bytes(call, "box", LIA_JOIN_BOX_SIZE, &name) ? find(call->api, name) : NULL;
    if (found) return found;
    lia_why_set(
        &why, LIA_EABSENT,
        "there is no such box: the code was used up, has expired, or was made at another node");
    lia_call_fail(call, LIA_EABSENT, &why);
    return NULL;
}

static void put_hex(lia_buf *out, const char *name, lia_span bytes)
{
    char *to = (char *)lia_buf_room(out, 2 * bytes.size + 16 + strlen(name));
    if (!to) return;
    lia_buf_format(out, "\"%s\":\"", name);
    lia_hex_print(bytes, (char *)out->data + out->size);
    out->size += 2 * bytes.size;
    lia_buf_byte(out, '"');
}

/* ---- the administrators' side -----------------------------------------------------------------
 */

void lia_api_join(lia_call *call)
{
    lia_span name, seconds_text;
    uint64_t seconds;
    lia_api *api = call->api;
    if (!is_json(call)) return;
    if (!read_bytes(call, "box", LIA_JOIN_BOX_SIZE, &name) || name.size != LIA_JOIN_BOX_SIZE ||
        !lia_json_cut(lia_http_get_body(call->request), "seconds", &seconds_text) ||
        !lia_api_number(seconds_text, &seconds) || !seconds || seconds > SECONDS_MAX) {
        lia_call_invalid(call, "box: 32 hexadecimal digits are wanted; seconds: a number up to %d",
                         SECONDS_MAX);
        return;
    }
    if (!api->boxes) api->boxes = calloc(1, sizeof *api->boxes);
    if (api->boxes) drop_old(api->boxes);
    if (!api->boxes || find(api, name) || api->boxes->count == BOXES_MAX) {
        lia_why why;
        lia_why_set(&why, LIA_ECONFLICT, "there is such a box already, or there are %d", BOXES_MAX);
        lia_call_fail(call, api->boxes ? LIA_ECONFLICT : LIA_EFULL, &why);
        return;
    }
    box *made = &api->boxes->list[api->boxes->count++];
    *made = (box){.until_ns = lia_time_ticks_ns() + seconds * 1000000000};
    memcpy(made->name, name.data, name.size);
    LIA_LOG(INFO, "join.opened", LIA_INT("seconds", seconds));
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_text(&out, "{}");
    lia_call_answer(call, 201, NULL, 0, &out);
}

/* {"box"} says what was asked; with "answer" it is given, with "refused" the question is thrown
 * out, and with "closed" the box. */
void lia_api_join_look(lia_call *call)
{
    lia_span answer, flag, body = lia_http_get_body(call->request);
    if (!is_json(call)) return;
    box *at = find_named(call);
    if (!at) return;
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_byte(&out, '{');
    if (lia_json_cut(body, "closed", &flag)) {
        drop(call->api->boxes, (size_t)(at - call->api->boxes->list));
    } else if (lia_json_cut(body, "refused", &flag)) {
        if (!at->answer) at->asked = false;
    } else if (read_bytes(call, "answer", LIA_JOIN_ANSWER_MAX, &answer)) {
        uint8_t *kept = malloc(answer.size + 1);
        if (!kept) {
            lia_call_fail(call, LIA_EFULL, NULL);
            return;
        }
        memcpy(kept, answer.data, answer.size);
        free(at->answer);
        at->answer = kept;
        at->answer_size = answer.size;
        LIA_LOG(INFO, "join.answered");
    } else if (at->asked) {
        put_hex(&out, "ask", LIA_SPAN_OF(at->ask));
    }
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}

/* ---- the new node's side, open to whoever knows the box's name ---------------------------------
 */

void lia_api_join_ask(lia_call *call)
{
    lia_why why;
    lia_span ask;
    if (!is_json(call)) return;
    box *at = find_named(call);
    if (!at) return;
    if (!read_bytes(call, "ask", LIA_JOIN_ASK_SIZE, &ask) || ask.size != LIA_JOIN_ASK_SIZE) {
        lia_call_invalid(call, "ask: %zu hexadecimal digits are wanted",
                         (size_t)2 * LIA_JOIN_ASK_SIZE);
        return;
    }
    if (at->asked && memcmp(at->ask, ask.data, ask.size)) {
        lia_why_set(&why, LIA_ECONFLICT, "the code was used by another node");
        lia_call_fail(call, LIA_ECONFLICT, &why);
        return;
    }
    if (!at->asked) LIA_LOG(INFO, "join.asked");
    at->asked = true;
    memcpy(at->ask, ask.data, ask.size);
    lia_buf out = lia_buf_make(call->arena);
    lia_buf_byte(&out, '{');
    if (at->answer) put_hex(&out, "answer", lia_span_make(at->answer, at->answer_size));
    lia_buf_byte(&out, '}');
    lia_call_json(call, &out);
}
