/* SPDX-License-Identifier: Apache-2.0 */
#include "common/hooks/send.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/assert.h"
#include "common/hooks/address.h"

#define TIMEOUT_MS         15000
#define CONNECT_TIMEOUT_MS 5000
/* What of an answer is read: its status says all. */
#define ANSWER_BYTES_MAX ((size_t)64 << 10)
#define CONNECTIONS_KEPT 64

struct lia_sender {
    CURLM *multi;
    lia_sender_options options;
    size_t under_way;
};

/* Of one post, while it is under way. */
typedef struct transfer {
    lia_sender *sender;
    lia_post *post;
    CURL *easy;
    struct curl_slist *headers;
    size_t heard;
    bool refused; /* the address is none to send to */
    char error[CURL_ERROR_SIZE];
} transfer;

/* ---- what the library asks ------------------------------------------------------------------- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    transfer *t = context;
    (void)purpose;
    if (!t->sender->options.to_private && !lia_address_is_public(&address->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t heard(char *data, size_t size, size_t count, void *context)
{
    transfer *t = context;
    lia_post *post = t->post;
    size_t bytes = size * count, most = post->answer ? post->answer_max : ANSWER_BYTES_MAX;
    if (post->answer && bytes <= most - t->heard) memcpy(post->answer + t->heard, data, bytes);
    t->heard += bytes;
    return t->heard > most ? 0 : bytes;
}

/* ---- one post -------------------------------------------------------------------------------- */

static void drop(transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    free(t);
}

static bool add_header(transfer *t, const char *name, const char *value)
{
    char line[256];
    int size = snprintf(line, sizeof line, "%s: %s", name, value);
    lia_assert(size > 0 && (size_t)size < sizeof line);
    struct curl_slist *list = curl_slist_append(t->headers, line);
    if (list) t->headers = list;
    return list != NULL;
}

static bool add_lines(transfer *t)
{
    bool added = true;
    for (const char *const *line = t->post->headers; *line && added; line++) {
        struct curl_slist *list = curl_slist_append(t->headers, *line);
        added = list != NULL;
        if (list) t->headers = list;
    }
    return added;
}

static bool add_headers(transfer *t)
{
    char time[24];
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* none: it would cost a turn */
    snprintf(time, sizeof time, "%lld", (long long)t->post->unix_s);
    t->headers = list;
    if (list && t->post->method) return add_lines(t);
    if (list && !lia_trace_is_none(&t->post->trace)) {
        char trace[LIA_TRACE_TEXT_SIZE];
        lia_trace_print(&t->post->trace, trace);
        if (!add_header(t, "traceparent", trace)) return false;
    }
    return list && add_header(t, "Content-Type", "application/cloudevents+json; charset=utf-8") &&
           add_header(t, "webhook-id", t->post->id) && add_header(t, "webhook-timestamp", time) &&
           add_header(t, "webhook-signature", t->post->signature);
}

static CURLcode set_up(transfer *t)
{
    CURL *easy = t->easy;
    uint32_t timeout_ms = t->sender->options.timeout_ms;
    long limit = timeout_ms ? (long)timeout_ms : TIMEOUT_MS;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_URL, t->post->url);
#define SET(option, value) (rc = rc ? rc : curl_easy_setopt(easy, option, value))
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* nobody waits for a look-up of names that is given up */
    SET(CURLOPT_TIMEOUT_MS, limit);
    SET(CURLOPT_CONNECTTIMEOUT_MS, limit < CONNECT_TIMEOUT_MS ? limit : (long)CONNECT_TIMEOUT_MS);
    SET(CURLOPT_USERAGENT, "Liaison/" LIA_VERSION);
    SET(CURLOPT_HTTPHEADER, t->headers);
    if (!t->post->method || t->post->body.size) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->post->body.size);
        SET(CURLOPT_POSTFIELDS, (const char *)t->post->body.data);
    }
    if (t->post->method) SET(CURLOPT_CUSTOMREQUEST, t->post->method);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_WRITEFUNCTION, heard);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_PRIVATE, t);
#undef SET
    return rc;
}

lia_err lia_sender_begin(lia_sender *sender, lia_post *post)
{
    if (sender->under_way == LIA_SEND_MAX) return LIA_EFULL;
    transfer *t = calloc(1, sizeof *t);
    if (!t) return LIA_EFULL;
    *t = (transfer){.sender = sender, .post = post, .easy = curl_easy_init()};
    lia_err err = t->easy && add_headers(t) ? LIA_OK : LIA_EFULL;
    if (!err && set_up(t)) err = LIA_EINVAL;
    if (!err && curl_multi_add_handle(sender->multi, t->easy)) err = LIA_EFULL;
    if (err) {
        drop(t);
        return err;
    }
    post->status = 0;
    post->retry_after_s = 0;
    post->error[0] = 0;
    post->refused = false;
    post->answer_size = 0;
    post->inner = t;
    sender->under_way++;
    return LIA_OK;
}

void lia_sender_forget(lia_sender *sender, lia_post *post)
{
    transfer *t = post->inner;
    curl_multi_remove_handle(sender->multi, t->easy);
    sender->under_way--;
    post->inner = NULL;
    drop(t);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void say(lia_post *post, const char *text)
{
    snprintf(post->error, sizeof post->error, "%.*s", (int)sizeof post->error - 1, text);
}

/* A status counts also when the answer behind it was too long to be read. */
static void note_answer(const transfer *t, CURLcode rc)
{
    lia_post *post = t->post;
    long status = 0;
    curl_off_t after = 0, us = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
    post->ms = (uint32_t)(us / 1000);
    post->answer_size = t->heard;
    post->refused = t->refused;
    if (!rc || t->heard > (post->answer ? post->answer_max : ANSWER_BYTES_MAX)) {
        post->status = (uint16_t)status;
        post->retry_after_s = after > 0 ? (uint64_t)after : 0;
    } else if (t->refused) {
        say(post, "its name leads to an address that is not of the public internet");
    } else {
        say(post, t->error[0] ? t->error : curl_easy_strerror(rc));
    }
}

lia_post *lia_sender_ended(lia_sender *sender)
{
    int left;
    CURLMsg *message;
    curl_multi_perform(sender->multi, &left);
    while ((message = curl_multi_info_read(sender->multi, &left))) {
        transfer *t;
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode rc = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        lia_post *post = t->post;
        note_answer(t, rc);
        lia_sender_forget(sender, post);
        return post;
    }
    return NULL;
}

size_t lia_sender_under_way(const lia_sender *sender)
{
    return sender->under_way;
}

/* ---- waiting --------------------------------------------------------------------------------- */

void lia_sender_wait(lia_sender *sender, int64_t ms)
{
    curl_multi_poll(sender->multi, NULL, 0, ms > 60000 ? 60000 : ms < 0 ? 0 : (int)ms, NULL);
}

void lia_sender_wake(lia_sender *sender)
{
    curl_multi_wakeup(sender->multi);
}

/* ---- lifetime -------------------------------------------------------------------------------- */

static void init_library(void)
{
    lia_assert(curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
}

lia_err lia_sender_open(lia_sender **out, const lia_sender_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    lia_sender *sender = calloc(1, sizeof *sender);
    *out = NULL;
    if (!sender) return LIA_EFULL;
    sender->options = *options;
    sender->multi = curl_multi_init();
    if (!sender->multi) {
        free(sender);
        return LIA_EFULL;
    }
    curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    *out = sender;
    return LIA_OK;
}

void lia_sender_close(lia_sender *sender)
{
    if (!sender) return;
    lia_assert(sender->under_way == 0);
    curl_multi_cleanup(sender->multi);
    free(sender);
}
