/* SPDX-License-Identifier: Apache-2.0 */
/* A worker has one command under way. It repeats it under its key until somebody says yes or no,
 * or until the run is over, when the outcome stays unknown. Now and then it asks again for what
 * was acknowledged already. */
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "tests/cluster/history.h"
#include "tools/liaison/client.h"

#define OWN_KEPT 64

typedef struct run {
    const lia_drive *drive;
    FILE *replies;
    pthread_mutex_t lock; /* of the file */
} run;

typedef struct worker {
    run *run;
    unsigned number, tries;
    uint64_t count;
    CURL *curl;
    unsigned dice;
    char own[OWN_KEPT][40]; /* customers made by it */
    size_t own_count;
    lia_bytes body;
    char position[96];
    long status;
} worker;

typedef struct command {
    const char *kind, *field, *method;
    char token[96], path[128], json[512];
} command;

/* Which commands are sent is reproducible; what becomes of them is not. */
static size_t below(worker *w, size_t bound)
{
    return (size_t)rand_r(&w->dice) % bound;
}

/* ---- what to ask ----------------------------------------------------------------------------- */

static const char *some_customer(worker *w)
{
    if (w->run->drive->shared && below(w, 4) == 0) return w->run->drive->shared;
    size_t held = w->own_count < OWN_KEPT ? w->own_count : OWN_KEPT;
    return held ? w->own[below(w, held)] : w->run->drive->shared;
}

static void make_command(worker *w, command *c)
{
    const char *customer = some_customer(w);
    size_t luck = customer ? below(w, 10) : 0;
    snprintf(c->token, sizeof c->token, "%s-%u-%u-%llu", w->run->drive->node, w->run->drive->run,
             w->number, (unsigned long long)++w->count);
    c->method = "POST";
    if (luck < 4) {
        c->kind = "customer", c->field = "name";
        snprintf(c->path, sizeof c->path, "customers");
        snprintf(c->json, sizeof c->json, "{\"name\":\"%s\"}", c->token);
    } else if (luck < 6) {
        c->kind = "customer", c->field = "note", c->method = "PATCH";
        snprintf(c->path, sizeof c->path, "customers/%s", customer);
        snprintf(c->json, sizeof c->json, "{\"note\":\"%s\"}", c->token);
    } else if (luck < 9) {
        c->kind = "interaction", c->field = "subject";
        snprintf(c->path, sizeof c->path, "interactions");
        snprintf(c->json, sizeof c->json,
                 "{\"customer\":\"%s\",\"type\":\"call\",\"subject\":\"%s\"}", customer, c->token);
    } else { /* sales can't hand over to itself: that is refused and must leave nothing */
        c->kind = "handover", c->field = "reason";
        snprintf(c->path, sizeof c->path, "handovers");
        snprintf(c->json, sizeof c->json,
                 "{\"customer\":\"%s\",\"to\":\"sales\",\"reason\":\"%s\"}", customer, c->token);
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

static size_t take_body(char *data, size_t one, size_t count, void *context)
{
    return lia_bytes_add(context, data, one * count) ? one * count : 0;
}

static size_t take_header(char *line, size_t one, size_t count, void *context)
{
    static const char name[] = "Liaison-Position:";
    worker *w = context;
    size_t size = one * count;
    if (size > sizeof name && strncasecmp(line, name, sizeof name - 1) == 0)
        snprintf(w->position, sizeof w->position, "%.*s", (int)(size - sizeof name - 2),
                 line + sizeof name);
    return size;
}

static void send_once(worker *w, const command *c)
{
    char url[512], key[160];
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    snprintf(url, sizeof url, "%s/api/v1/%s", w->run->drive->url, c->path);
    snprintf(key, sizeof key, "Idempotency-Key: %s", c->token);
    headers = curl_slist_append(headers, key);
    headers = curl_slist_append(headers, strcmp(c->method, "PATCH")
                                             ? "Content-Type: application/json"
                                             : "Content-Type: application/merge-patch+json");
    w->body.size = 0;
    w->position[0] = 0;
    w->status = 0;
    curl_easy_setopt(w->curl, CURLOPT_URL, url);
    curl_easy_setopt(w->curl, CURLOPT_CUSTOMREQUEST, c->method);
    curl_easy_setopt(w->curl, CURLOPT_POSTFIELDS, c->json);
    curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, headers);
    /* A reply counts once it is whole. */
    if (curl_easy_perform(w->curl) == CURLE_OK)
        curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &w->status);
    curl_slist_free_all(headers);
}

static bool is_yes(const worker *w)
{
    return w->status >= 200 && w->status < 300;
}

static bool is_no(const worker *w)
{
    return w->status >= 400 && w->status < 500 && w->status != 408 && w->status != 429;
}

/* The clock that all processes of a machine share. */
static json_int_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (json_int_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void note_reply(worker *w, const command *c, char record[40])
{
    json_t *body = w->body.size ? json_loadb(w->body.data, w->body.size, 0, NULL) : NULL;
    const char *id = json_string_value(json_object_get(body, "id"));
    const char *error = json_string_value(json_object_get(body, "type"));
    const char *detail = json_string_value(json_object_get(body, "detail"));
    snprintf(record, 40, "%s", is_yes(w) && id ? id : "");
    json_t *line =
        json_pack("{ss, si, ss, ss, ss, si, sI, si, ss, ss, ss, ss}", "node", w->run->drive->node,
                  "worker", (int)w->number, "token", c->token, "kind", c->kind, "field", c->field,
                  "try", (int)w->tries, "at_us", now_us(), "status", (int)w->status, "position",
                  is_yes(w) ? w->position : "", "record", record, "error",
                  is_yes(w) || !error ? "" : error, "detail", is_yes(w) || !detail ? "" : detail);
    char *text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
    pthread_mutex_lock(&w->run->lock);
    fprintf(w->run->replies, "%s\n", text);
    fflush(w->run->replies);
    pthread_mutex_unlock(&w->run->lock);
    free(text);
    json_decref(line);
    json_decref(body);
}

static void rest(unsigned ms)
{
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

static bool is_over(const worker *w)
{
    return access(w->run->drive->stop, F_OK) == 0;
}

static void do_command(worker *w, const command *c)
{
    char record[40];
    for (w->tries = 1;; w->tries++) {
        send_once(w, c);
        note_reply(w, c, record);
        if (is_yes(w) || is_no(w) || is_over(w)) break;
        rest(50);
    }
    if (!is_yes(w)) return;
    if (!strcmp(c->field, "name"))
        snprintf(w->own[w->own_count++ % OWN_KEPT], sizeof w->own[0], "%s", record);
    if (below(w, 20)) return;
    w->tries++;
    send_once(w, c);
    note_reply(w, c, record);
}

static void *work(void *context)
{
    worker *w = context;
    command c;
    while (!is_over(w)) {
        make_command(w, &c);
        do_command(w, &c);
        rest(w->run->drive->pause_ms);
    }
    return NULL;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool prepare(worker *w, run *r, unsigned number)
{
    *w = (worker){.run = r, .number = number, .dice = number + 1, .curl = curl_easy_init()};
    if (!w->curl) return false;
    curl_easy_setopt(w->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(w->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(w->curl, CURLOPT_TIMEOUT_MS, (long)r->drive->timeout_ms);
    curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, &w->body);
    curl_easy_setopt(w->curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(w->curl, CURLOPT_HEADERDATA, w);
    return true;
}

lia_err lia_history_drive(const lia_drive *drive, lia_why *why)
{
    run r = {.drive = drive, .replies = fopen(drive->replies, "a")};
    if (!r.replies) return lia_why_set(why, LIA_EIO, "%s: %s", drive->replies, strerror(errno));
    pthread_mutex_init(&r.lock, NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    worker *workers = calloc(drive->workers, sizeof *workers);
    pthread_t *threads = calloc(drive->workers, sizeof *threads);
    unsigned started = 0;
    for (unsigned i = 0; workers && threads && i < drive->workers; i++, started++)
        if (!prepare(&workers[i], &r, i) || pthread_create(&threads[i], NULL, work, &workers[i]))
            break;
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        curl_easy_cleanup(workers[i].curl);
        lia_bytes_fini(&workers[i].body);
    }
    free(threads);
    free(workers);
    pthread_mutex_destroy(&r.lock);
    if (fclose(r.replies)) return lia_why_set(why, LIA_EIO, "%s cannot be written", drive->replies);
    if (started == drive->workers) return LIA_OK;
    return lia_why_set(why, LIA_EFULL, "no memory or threads for %u workers", drive->workers);
}
