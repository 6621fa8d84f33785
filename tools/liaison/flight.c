/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/liaison/flight.h"

#include <stdlib.h>

#include "common/base/time.h"

#define POLL_MS          100
#define RETRY_FIRST_MS   100
#define RETRY_MAX_MS     2000
#define REPLY_TIMEOUT_MS 120000L

typedef enum state { FREE, TAKEN, FLYING, RESTING } state;

typedef struct slot {
    lia_post post; /* first, so that a post leads to its slot */
    state state;
    CURL *curl;
    struct curl_slist *headers;
    char error[CURL_ERROR_SIZE];
    int64_t first_ms, again_ms;
} slot;

struct lia_flight {
    const lia_target *target;
    CURLM *multi;
    slot *slots;
    size_t slot_count;
    uint64_t patience_ms, done_count;
    void (*tick)(void *context, const char *note);
    void *tick_context;
    lia_err err; /* once it has failed */
    lia_why why;
};

static size_t take_reply(char *data, size_t one, size_t count, void *context)
{
    return lia_bytes_add(context, data, one * count) ? one * count : 0;
}

/* ---- open and close -------------------------------------------------------------------------- */

static bool slot_open(lia_flight *flight, slot *s)
{
    s->curl = curl_easy_init();
    if (!s->curl) return false;
    lia_client_prepare(flight->target, s->curl);
    curl_easy_setopt(s->curl, CURLOPT_PRIVATE, s);
    curl_easy_setopt(s->curl, CURLOPT_ERRORBUFFER, s->error);
    curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, &s->post.reply);
    curl_easy_setopt(s->curl, CURLOPT_TIMEOUT_MS, REPLY_TIMEOUT_MS);
    return true;
}

lia_err lia_flight_open(lia_flight **out, const lia_target *target, size_t requests,
                        uint64_t patience_ms, lia_why *why)
{
    *out = NULL;
    lia_flight *flight = calloc(1, sizeof *flight);
    if (!flight) return lia_why_set(why, LIA_EFULL, "no memory");
    *flight = (lia_flight){.target = target, .patience_ms = patience_ms};
    flight->multi = curl_multi_init();
    flight->slots = calloc(requests, sizeof *flight->slots);
    bool ok = flight->multi && flight->slots;
    for (; ok && flight->slot_count < requests; flight->slot_count++)
        ok = slot_open(flight, &flight->slots[flight->slot_count]);
    if (ok) {
        *out = flight;
        return LIA_OK;
    }
    lia_flight_close(flight);
    return lia_why_set(why, LIA_EFULL, "no memory");
}

static void slot_close(lia_flight *flight, slot *s)
{
    if (s->state == FLYING) curl_multi_remove_handle(flight->multi, s->curl);
    curl_easy_cleanup(s->curl);
    curl_slist_free_all(s->headers);
    lia_bytes_fini(&s->post.body);
    lia_bytes_fini(&s->post.reply);
}

void lia_flight_close(lia_flight *flight)
{
    if (!flight) return;
    for (size_t i = 0; i < flight->slot_count; i++) slot_close(flight, &flight->slots[i]);
    free(flight->slots);
    curl_multi_cleanup(flight->multi);
    free(flight);
}

void lia_flight_on_tick(lia_flight *flight, void (*tick)(void *context, const char *note),
                        void *context)
{
    flight->tick = tick;
    flight->tick_context = context;
}

const lia_target *lia_flight_target(const lia_flight *flight)
{
    return flight->target;
}

/* ---- one request ----------------------------------------------------------------------------- */

static lia_err fail(lia_flight *flight, lia_err err, const lia_why *why)
{
    flight->err = err;
    flight->why = *why;
    return err;
}

static lia_err failed(const lia_flight *flight, lia_why *why)
{
    if (flight->err && why) *why = flight->why;
    return flight->err;
}

static void launch(lia_flight *flight, slot *s)
{
    s->state = FLYING;
    s->error[0] = 0;
    s->post.reply.size = 0;
    s->post.status = 0;
    s->post.attempts++;
    curl_multi_add_handle(flight->multi, s->curl);
}

static struct curl_slist *headers_of(const lia_flight *flight, const lia_post *post)
{
    char line[160];
    struct curl_slist *headers = lia_client_headers(flight->target);
    snprintf(line, sizeof line, "Content-Type: %s", post->type);
    headers = curl_slist_append(headers, line);
    snprintf(line, sizeof line, "Idempotency-Key: %s", post->key);
    return *post->key ? curl_slist_append(headers, line) : headers;
}

lia_err lia_flight_send(lia_flight *flight, lia_post *post, lia_why *why)
{
    slot *s = (slot *)post;
    char url[512];
    snprintf(url, sizeof url, "%s%s", flight->target->url, post->path);
    curl_slist_free_all(s->headers);
    s->headers = headers_of(flight, post);
    curl_easy_setopt(s->curl, CURLOPT_URL, url);
    curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, s->headers);
    curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, post->body.size ? post->body.data : "");
    curl_easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.size);
    s->first_ms = lia_time_ticks_ms();
    post->attempts = 0;
    launch(flight, s);
    int running;
    curl_multi_perform(flight->multi, &running);
    return failed(flight, why);
}

/* Sends it again in a while, longer each time; gives up when patience ends. */
static lia_err rest(lia_flight *flight, slot *s, const lia_why *why)
{
    int64_t wait_ms = RETRY_FIRST_MS << (s->post.attempts < 6 ? s->post.attempts - 1 : 5);
    int64_t now = lia_time_ticks_ms();
    if ((uint64_t)(now - s->first_ms) > flight->patience_ms) return fail(flight, LIA_EIO, why);
    s->state = RESTING;
    s->again_ms = now + (wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS);
    if (flight->tick) flight->tick(flight->tick_context, why->text);
    return LIA_OK;
}

static lia_err landed(lia_flight *flight, slot *s, CURLcode code)
{
    lia_why why = {{0}};
    lia_post *post = &s->post;
    curl_multi_remove_handle(flight->multi, s->curl);
    s->state = TAKEN;
    if (code) {
        lia_client_broke(flight->target, code, s->error, &why);
        return rest(flight, s, &why);
    }
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &post->status);
    if (post->status == 429 || post->status >= 500) {
        lia_client_refused(flight->target, post->status, post->reply.data, post->reply.size, &why);
        return rest(flight, s, &why);
    }
    lia_err err = post->done(post, &why);
    if (err == LIA_EBUSY) return rest(flight, s, &why);
    if (err) return fail(flight, err, &why);
    if (s->state == TAKEN) s->state = FREE;
    flight->done_count++;
    return LIA_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static size_t count_busy(const lia_flight *flight)
{
    size_t count = 0;
    for (size_t i = 0; i < flight->slot_count; i++)
        count += flight->slots[i].state == FLYING || flight->slots[i].state == RESTING;
    return count;
}

static void wake_rested(lia_flight *flight)
{
    for (size_t i = 0; i < flight->slot_count; i++) {
        slot *s = &flight->slots[i];
        if (s->state == RESTING && lia_time_ticks_ms() >= s->again_ms) launch(flight, s);
    }
}

static lia_err collect(lia_flight *flight)
{
    int left;
    CURLMsg *message;
    while (!flight->err && (message = curl_multi_info_read(flight->multi, &left))) {
        slot *s;
        if (message->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&s);
        landed(flight, s, message->data.result);
    }
    return flight->err;
}

lia_err lia_flight_wait(lia_flight *flight, lia_why *why)
{
    uint64_t before = flight->done_count;
    while (!flight->err && flight->done_count == before && count_busy(flight)) {
        int running;
        wake_rested(flight);
        curl_multi_perform(flight->multi, &running);
        collect(flight);
        if (flight->done_count != before || flight->err) break;
        curl_multi_poll(flight->multi, NULL, 0, POLL_MS, NULL);
        if (flight->tick) flight->tick(flight->tick_context, NULL);
    }
    return failed(flight, why);
}

lia_err lia_flight_drain(lia_flight *flight, lia_why *why)
{
    lia_err err = failed(flight, why);
    while (!err && count_busy(flight)) err = lia_flight_wait(flight, why);
    return err;
}

static slot *free_slot(lia_flight *flight)
{
    for (size_t i = 0; i < flight->slot_count; i++)
        if (flight->slots[i].state == FREE) return &flight->slots[i];
    return NULL;
}

lia_post *lia_flight_take(lia_flight *flight, lia_why *why)
{
    slot *s;
    if (failed(flight, why)) return NULL;
    while (!(s = free_slot(flight)))
        if (lia_flight_wait(flight, why)) return NULL;
    lia_bytes body = s->post.body, reply = s->post.reply;
    body.size = reply.size = 0;
    s->post = (lia_post){.body = body, .reply = reply};
    s->state = TAKEN;
    return &s->post;
}
