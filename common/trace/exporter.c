/* SPDX-License-Identifier: Apache-2.0 */
/* The queue is a ring of whole spans, so that handing one over allocates nothing. A request that
 * may be tried again (429, 502, 503, 504, or no answer: the standard's list) is, a few times and
 * ever later; the queue fills meanwhile and what comes then is dropped, newest first, so that a
 * chain that was begun before is told to its end. */
#include "common/trace/exporter.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/arena.h"
#include "common/base/crypto.h"
#include "common/base/log.h"
#include "common/base/time.h"
#include "common/trace/otlp.h"

#define WAIT_MS      1000
#define TIMEOUT_MS   10000
#define CLOSE_MS     2000
#define TRIES_MAX    4
#define AGAIN_MS     500 /* doubled each time */
#define AGAIN_MS_MAX 30000
#define ANSWER_MAX   ((size_t)64 << 10)

struct lia_exporter {
    char url[512], service[64], instance[64], ca_file[512];
    uint32_t wait_ms;
    lia_trace_sink sink;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    lia_traced *ring;
    size_t first, count;
    uint64_t began_ns;               /* when the first of them came */
    struct curl_slist *next_headers; /* that count from the next request on; NULL: the former */
    bool stop;
    uint64_t stop_ns;
    lia_exporter_stats stats;

    /* The thread's own. */
    lia_traced *batch;
    lia_arena arena;
    CURL *easy;
    struct curl_slist *headers;
    bool failing; /* that was said */
    size_t heard;
};

/* ---- taking ---------------------------------------------------------------------------------- */

static void take(void *context, const lia_traced *traced)
{
    lia_exporter *exporter = context;
    pthread_mutex_lock(&exporter->lock);
    if (exporter->count == LIA_EXPORTER_QUEUE_MAX) {
        exporter->stats.dropped++;
    } else {
        if (!exporter->count++) exporter->began_ns = lia_time_ticks_ns();
        exporter->ring[(exporter->first + exporter->count - 1) % LIA_EXPORTER_QUEUE_MAX] = *traced;
        if (exporter->count == 1 || exporter->count == LIA_EXPORTER_BATCH_MAX)
            pthread_cond_signal(&exporter->wake);
    }
    pthread_mutex_unlock(&exporter->lock);
}

static void lose(void *context, uint64_t count)
{
    lia_exporter *exporter = context;
    pthread_mutex_lock(&exporter->lock);
    exporter->stats.dropped += count;
    pthread_mutex_unlock(&exporter->lock);
}

void lia_exporter_get_stats(lia_exporter *exporter, lia_exporter_stats *out)
{
    pthread_mutex_lock(&exporter->lock);
    *out = exporter->stats;
    out->waiting = exporter->count;
    pthread_mutex_unlock(&exporter->lock);
}

/* ---- headers --------------------------------------------------------------------------------- */

static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer) *list = longer;
    return longer != NULL;
}

/* RFC 9110, 5.1 and 5.5: a token, a colon, and visible text. */
static bool is_header(const char *line)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t name = strspn(line, token);
    const char *value = line + name + 1;
    if (!name || line[name] != ':') return false;
    value += strspn(value, " \t");
    if (!*value) return false; /* libcurl would take a header away */
    for (; *value; value++)
        if ((unsigned char)*value < ' ' && *value != '\t') return false;
    return true;
}

static bool is_ours(const char *line)
{
    static const char *const ours[] = {"content-", "transfer-encoding:", "host:", "expect:"};
    for (size_t i = 0; i < LIA_COUNT(ours); i++)
        if (!strncasecmp(line, ours[i], strlen(ours[i]))) return true;
    return false;
}

static lia_err add_line(struct curl_slist **list, const char *line, unsigned number, lia_why *why)
{
    if (!*line || *line == '#') return LIA_OK;
    if (!is_header(line))
        return lia_why_set(why, LIA_EINVAL, "line %u is no header: want Name: value", number);
    if (is_ours(line))
        return lia_why_set(why, LIA_EINVAL, "line %u: that header is not free to choose", number);
    return add_header(list, line) ? LIA_OK : lia_why_set(why, LIA_EFULL, "no memory");
}

static lia_err add_lines(struct curl_slist **list, const char *lines, lia_why *why)
{
    char line[2048];
    lia_err err = LIA_OK;
    for (unsigned number = 1; *lines && !err; number++) {
        size_t size = strcspn(lines, "\n");
        if (size >= sizeof line)
            return lia_why_set(why, LIA_EINVAL, "line %u is longer than %zu bytes", number,
                               sizeof line - 1);
        memcpy(line, lines, size);
        line[size] = 0;
        if (size && line[size - 1] == '\r') line[size - 1] = 0;
        err = add_line(list, line, number, why);
        lines += size + (lines[size] != 0);
    }
    lia_wipe(line, sizeof line);
    return err;
}

lia_err lia_exporter_set_headers(lia_exporter *exporter, const char *lines, lia_why *why)
{
    struct curl_slist *list = NULL;
    bool made = add_header(&list, "Content-Type: application/json") && add_header(&list, "Expect:");
    lia_err err = made ? LIA_OK : lia_why_set(why, LIA_EFULL, "no memory");
    if (!err && lines) err = add_lines(&list, lines, why);
    if (!err) {
        pthread_mutex_lock(&exporter->lock);
        struct curl_slist *former = exporter->next_headers;
        exporter->next_headers = list;
        list = former;
        pthread_mutex_unlock(&exporter->lock);
    }
    curl_slist_free_all(list);
    return err;
}

/* ---- one request ----------------------------------------------------------------------------- */

static size_t hear(char *data, size_t size, size_t count, void *context)
{
    lia_exporter *exporter = context;
    (void)data;
    exporter->heard += size * count;
    return exporter->heard > ANSWER_MAX ? 0 : size * count;
}

static bool is_over(lia_exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    bool over = exporter->stop && lia_time_ticks_ns() > exporter->stop_ns;
    pthread_mutex_unlock(&exporter->lock);
    return over;
}

static int watch(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return is_over(context);
}

static bool set_up(lia_exporter *exporter)
{
    CURL *easy = exporter->easy = curl_easy_init();
    if (!easy) return false;
    CURLcode rc = curl_easy_setopt(easy, CURLOPT_URL, exporter->url);
#define SET(option, value) (rc = rc ? rc : curl_easy_setopt(easy, option, value))
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
    SET(CURLOPT_USERAGENT, "Liaison/" LIA_VERSION);
    if (*exporter->ca_file) SET(CURLOPT_CAINFO, exporter->ca_file);
    SET(CURLOPT_WRITEFUNCTION, hear);
    SET(CURLOPT_WRITEDATA, exporter);
    SET(CURLOPT_XFERINFOFUNCTION, watch);
    SET(CURLOPT_XFERINFODATA, exporter);
    SET(CURLOPT_NOPROGRESS, 0L);
#undef SET
    return rc == CURLE_OK;
}

static void take_headers(lia_exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    struct curl_slist *next = exporter->next_headers;
    exporter->next_headers = NULL;
    pthread_mutex_unlock(&exporter->lock);
    if (!next) return;
    curl_slist_free_all(exporter->headers);
    exporter->headers = next;
    curl_easy_setopt(exporter->easy, CURLOPT_HTTPHEADER, next);
}

typedef enum outcome { TAKEN, AGAIN, NEVER } outcome;

static outcome post(lia_exporter *exporter, lia_span body, long *status, const char **why)
{
    exporter->heard = 0;
    *status = 0;
    take_headers(exporter);
    curl_easy_setopt(exporter->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
    curl_easy_setopt(exporter->easy, CURLOPT_POSTFIELDS, (const char *)body.data);
    CURLcode rc = curl_easy_perform(exporter->easy);
    curl_easy_getinfo(exporter->easy, CURLINFO_RESPONSE_CODE, status);
    *why = rc ? curl_easy_strerror(rc) : "";
    if (rc && exporter->heard <= ANSWER_MAX) return AGAIN;
    if (*status >= 200 && *status < 300) return TAKEN;
    return *status == 429 || *status == 502 || *status == 503 || *status == 504 ? AGAIN : NEVER;
}

static void tell(lia_exporter *exporter, outcome got, long status, const char *why)
{
    bool failing = got != TAKEN;
    if (failing == exporter->failing) return;
    exporter->failing = failing;
    if (failing)
        LIA_LOG(WARN, "trace.not_taken", LIA_TEXT("endpoint", exporter->url),
                LIA_INT("status", status), LIA_TEXT("why", why));
    else
        LIA_LOG(INFO, "trace.taken", LIA_TEXT("endpoint", exporter->url));
}

/* Sleeps, but not on when there is an end to come to. */
static void rest(lia_exporter *exporter, uint64_t ms)
{
    uint64_t until_ns = lia_time_ticks_ns() + ms * 1000000;
    const struct timespec until = {(time_t)(until_ns / 1000000000), (long)(until_ns % 1000000000)};
    pthread_mutex_lock(&exporter->lock);
    while (!exporter->stop && lia_time_ticks_ns() < until_ns)
        pthread_cond_timedwait(&exporter->wake, &exporter->lock, &until);
    pthread_mutex_unlock(&exporter->lock);
}

static void note_failure(lia_exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    exporter->stats.failures++;
    pthread_mutex_unlock(&exporter->lock);
}

static void note(lia_exporter *exporter, bool taken, size_t count)
{
    pthread_mutex_lock(&exporter->lock);
    if (taken)
        exporter->stats.sent += count;
    else
        exporter->stats.dropped += count;
    pthread_mutex_unlock(&exporter->lock);
}

static void send_batch(lia_exporter *exporter, size_t count)
{
    const lia_otlp_source source = {exporter->service, exporter->instance};
    lia_arena_reset(&exporter->arena);
    lia_buf body = lia_buf_make(&exporter->arena);
    lia_otlp_put(&body, &source, exporter->batch, count, lia_time_unix_ns() - lia_time_ticks_ns());
    outcome got = body.failed ? NEVER : AGAIN;
    for (uint64_t tries = 0, ms = AGAIN_MS; got == AGAIN && tries < TRIES_MAX; tries++) {
        long status;
        const char *why;
        if (tries) rest(exporter, ms < AGAIN_MS_MAX ? ms : AGAIN_MS_MAX);
        if (tries) ms *= 2;
        if (is_over(exporter)) break;
        got = post(exporter, lia_buf_get(&body), &status, &why);
        if (got != TAKEN) note_failure(exporter);
        tell(exporter, got, status, why);
    }
    note(exporter, got == TAKEN, count);
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Waits until there is a full request, or the first span has waited for long enough, or the end.
 * Takes what there is; 0: the end. */
static size_t collect(lia_exporter *exporter)
{
    pthread_mutex_lock(&exporter->lock);
    for (;;) {
        uint64_t due_ns = exporter->began_ns + (uint64_t)exporter->wait_ms * 1000000;
        if (exporter->stop || exporter->count >= LIA_EXPORTER_BATCH_MAX) break;
        if (exporter->count && lia_time_ticks_ns() >= due_ns) break;
        const struct timespec until = {(time_t)(due_ns / 1000000000), (long)(due_ns % 1000000000)};
        if (exporter->count)
            pthread_cond_timedwait(&exporter->wake, &exporter->lock, &until);
        else
            pthread_cond_wait(&exporter->wake, &exporter->lock);
    }
    size_t count =
        exporter->count < LIA_EXPORTER_BATCH_MAX ? exporter->count : LIA_EXPORTER_BATCH_MAX;
    for (size_t i = 0; i < count; i++)
        exporter->batch[i] = exporter->ring[(exporter->first + i) % LIA_EXPORTER_QUEUE_MAX];
    exporter->first = (exporter->first + count) % LIA_EXPORTER_QUEUE_MAX;
    exporter->count -= count;
    exporter->began_ns = lia_time_ticks_ns();
    pthread_mutex_unlock(&exporter->lock);
    return count;
}

static void *run(void *context)
{
    lia_exporter *exporter = context;
    size_t count;
    while ((count = collect(exporter))) send_batch(exporter, count);
    return NULL;
}

/* ---- lifetime -------------------------------------------------------------------------------- */

static void free_exporter(lia_exporter *exporter)
{
    curl_easy_cleanup(exporter->easy);
    curl_slist_free_all(exporter->headers);
    curl_slist_free_all(exporter->next_headers);
    lia_arena_fini(&exporter->arena);
    pthread_cond_destroy(&exporter->wake);
    pthread_mutex_destroy(&exporter->lock);
    free(exporter->ring);
    free(exporter->batch);
    free(exporter);
}

static void init_locks(lia_exporter *exporter)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&exporter->lock, NULL);
    pthread_cond_init(&exporter->wake, &attributes);
    pthread_condattr_destroy(&attributes);
}

lia_err lia_exporter_open(lia_exporter **out, const lia_exporter_options *options, lia_why *why)
{
    *out = NULL;
    lia_exporter *exporter = calloc(1, sizeof *exporter);
    if (!exporter) return lia_why_set(why, LIA_EFULL, "no memory");
    init_locks(exporter);
    snprintf(exporter->url, sizeof exporter->url, "%s/v1/traces", options->endpoint);
    snprintf(exporter->service, sizeof exporter->service, "%s", options->service);
    snprintf(exporter->instance, sizeof exporter->instance, "%s", options->instance);
    snprintf(exporter->ca_file, sizeof exporter->ca_file, "%s",
             options->ca_file ? options->ca_file : "");
    exporter->wait_ms = options->wait_ms ? options->wait_ms : WAIT_MS;
    exporter->sink = (lia_trace_sink){take, lose, exporter, options->ratio};
    exporter->ring = calloc(LIA_EXPORTER_QUEUE_MAX, sizeof *exporter->ring);
    exporter->batch = calloc(LIA_EXPORTER_BATCH_MAX, sizeof *exporter->batch);
    lia_err err = lia_exporter_set_headers(exporter, options->headers, why);
    if (err) {
        free_exporter(exporter);
        return err;
    }
    bool good = exporter->ring && exporter->batch &&
                !lia_arena_init(&exporter->arena, lia_otlp_bound(LIA_EXPORTER_BATCH_MAX) * 3) &&
                curl_global_init(CURL_GLOBAL_DEFAULT) == 0 && set_up(exporter) &&
                pthread_create(&exporter->thread, NULL, run, exporter) == 0;
    if (!good) {
        free_exporter(exporter);
        return lia_why_set(why, LIA_EFULL, "what sends spans cannot be started");
    }
    lia_trace_to(&exporter->sink);
    *out = exporter;
    return LIA_OK;
}

void lia_exporter_close(lia_exporter *exporter)
{
    if (!exporter) return;
    lia_trace_to(NULL);
    pthread_mutex_lock(&exporter->lock);
    exporter->stop = true;
    exporter->stop_ns = lia_time_ticks_ns() + (uint64_t)CLOSE_MS * 1000000;
    pthread_cond_signal(&exporter->wake);
    pthread_mutex_unlock(&exporter->lock);
    pthread_join(exporter->thread, NULL);
    free_exporter(exporter);
}
